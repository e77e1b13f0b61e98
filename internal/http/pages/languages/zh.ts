// 简体中文，用敬称“您”。

import { type Html, html } from '../html.ts';
import { chooser } from './chooser/zh.ts';
import type { Texts } from './en.ts';
import { producer } from './producer/zh.ts';

export const zh: Texts = {
  lang: 'zh-Hans',
  dir: 'ltr',
  words: {
    allow: '允许',
    deny: '拒绝',
    cancel: '取消',
    continue: '继续',
    more: '更多链接',
    newTab: '（在新标签页中打开）',
  },
  asked: {
    youAre: (subject: Html) => html`您当前登录的身份是 ${subject}。`,
    resources: (resources: Html) => html`适用于 ${resources}。`,
    scopes: (client: Html) => html`${client} 请求访问以下内容：`,
    standard: {
      openid: '您的身份：您在此处的账号',
      profile: '您的姓名和个人资料',
      email: '您的电子邮箱地址',
      address: '您的通信地址',
      phone: '您的电话号码',
      groups: '您所属的群组',
      offline_access: '在您离开后仍可访问以上所有内容，直到此授权被撤销',
    },
  },
  links: {
    about: (client: string) => `关于 ${client}`,
    clientUri: '主页',
    policyUri: '隐私政策',
    tosUri: '服务条款',
  },
  consent: {
    title: (client: string) => `允许 ${client}？`,
    heading: (client: Html) => html`要登录 ${client} 吗？`,
    host: (host: Html) => html`您的答复以及您允许的内容将发送至 ${host}。`,
  },
  account: {
    title: (client: string) => `用于 ${client} 的账号`,
    heading: (client: Html) => html`使用哪个账号登录 ${client}？`,
    wanted: (client: Html, wanted: Html) => html`${client} 要求使用账号 ${wanted}。`,
    choice: (client: Html) => html`${client} 请您选择一个账号。`,
    another: (client: Html) => html`${client} 要求使用其他账号。`,
    continueAs: (subject: Html) => html`以 ${subject} 的身份继续`,
    switch: '使用其他账号',
  },
  chooser,
  producer,
  device: {
    title: '连接设备',
    heading: '连接设备',
    label: '请输入设备上显示的代码',
    hint: '不区分大小写，可省略连字符。',
    problems: {
      unknown: '没有设备在等待此代码。请核对代码，或让设备重新显示一个代码。',
      too_many: '尝试次数过多。请等待十分钟，然后让设备重新显示一个代码。',
    },
    askTitle: (client: string) => `连接 ${client}？`,
    askHeading: (client: Html) => html`要连接 ${client} 吗？`,
    compare: (subject: Html) =>
      html`有设备请求以 ${subject} 的身份登录。请核对：设备上显示的是这个代码吗？`,
    warning:
      '仅当设备就在您面前，并且是您本人发起此操作时，才可允许。如果此链接或代码是他人发给您的，请拒绝，否则对方将以您的身份登录。',
    allow: '代码一致，允许',
    connected: {
      title: '设备已连接',
      heading: '设备已连接',
      text: '您可以回到设备上继续操作，并关闭此页面。',
    },
    refused: {
      title: '已拒绝设备',
      heading: '已拒绝该设备',
      text: '该设备未登录。您可以关闭此页面。',
    },
  },
  review: {
    title: '您的应用',
    heading: '您的应用',
    text: '这些应用可以使用您在此处的账号。您可以随时终止。',
    none: '目前没有任何应用可以使用您的账号。',
    unknown: '该应用已不在此处注册。',
    scopes: '它可以访问以下内容：',
    host: (hosts: Html) => html`登录地址：${hosts}`,
    since: '授权时间',
    usedAt: '上次使用',
    never: '尚未使用',
    agreed: '您已同意，不会再次询问。',
    signIns: (count: number) => `已登录的位置：${count}`,
    places: { this_browser: '此浏览器', browser: '某个浏览器', device: '某台设备' },
    offline: '您不在时也可使用',
    others: (count: number) => `……另有 ${count} 处`,
    endSignIn: '在该处退出登录',
    endApplication: (client: Html) => html`从 ${client} 退出登录`,
    forget: (client: Html) => html`让 ${client} 重新询问我`,
    all: '退出所有应用的登录',
    partial: '内容超出本页所能显示的范围。“退出所有应用的登录”也会终止未显示的部分。',
    after: '再次打开某个应用时，可能会重新登录到该应用。',
    notice: {
      application: (client: Html) => html`您已从 ${client} 退出登录，您在该处的同意已被清除。`,
      sign_in: (client: Html) => html`您已在该处从 ${client} 退出登录。`,
      everything: '您已退出所有应用的登录，您的同意已被清除。',
    },
    everything: {
      title: '退出所有应用的登录？',
      heading: '要退出所有应用的登录吗？',
      text: '以下应用都将不能再使用您的账号，您的同意也会被清除：',
      end: '全部退出登录',
      keep: '不作更改',
    },
  },
  signOut: {
    title: '退出登录？',
    heading: '要退出登录吗？',
    asks: (client: Html) => html`${client} 请求让您退出登录，包括此处以及您由此登录的所有应用。`,
    someone: '有应用请求让您退出登录，包括此处以及您由此登录的所有应用。',
    signOut: '退出登录',
    stay: '保持登录',
    out: {
      title: '已退出登录',
      heading: '您已退出登录',
      text: '您可以关闭此页面。',
      shared: '如果这台电脑还有其他人使用，请同时关闭浏览器。',
    },
    stayed: {
      title: '仍处于登录状态',
      heading: '您仍处于登录状态',
      text: '未做任何更改。您可以关闭此页面。',
    },
    telling: {
      title: '正在退出登录',
      heading: '正在退出登录',
      text: '正在通知您的各个应用。',
    },
  },
  back: {
    title: '返回应用',
    text: '您的浏览器未运行脚本，请点击按钮继续。',
  },
  error: {
    title: '操作未成功',
    tell: {
      you: '如果此问题反复出现，请联系此登录服务的管理员，并提供以下编号：',
      application: '请联系该应用的管理员。凭以下编号可在此登录服务中查到更多信息：',
      operator: '请联系此登录服务的管理员，并提供以下编号：',
    },
    details: '技术详情',
    kinds: {
      over: {
        heading: '此页面已失效',
        happened: '页面已过期，或您已经做出答复。',
        todo: '请返回应用，重新开始。',
      },
      somebody_else: {
        heading: '当前登录的是另一个账号',
        happened: '此页面是为另一位用户显示的，并非当前登录的用户。',
        todo: '请返回应用，重新开始。如果您想使用另一个账号，请用该账号登录。',
      },
      nobody: {
        heading: '您尚未登录',
        happened: '为您办理登录的服务没有告知您的身份。',
        todo: '请先在该服务登录，然后返回应用重试。',
      },
      sign_in_again: {
        heading: '您需要重新登录',
        happened: '您上次登录的时间过久，或登录方式不符合此处的要求。',
        todo: '请先退出登录，重新登录后再试。',
      },
      not_allowed: {
        heading: '您没有访问权限',
        happened: '您的账号无权使用此应用。',
        todo: '如果您需要使用，请联系负责授权的人员。用同一账号重新登录不会有任何改变。',
      },
      unknown_application: {
        heading: '未知应用',
        happened: '将您引导至此的应用未在此处注册，因此未向其透露任何信息。',
        todo: '您无法自行解决：该应用须先在此处注册。',
      },
      wrong_address: {
        heading: '未知的返回地址',
        happened: '该应用要求将您送往一个未注册的地址。为保护您的安全，此操作未执行。',
        todo: '您无法自行解决。如果您是通过消息中的链接来到这里的，请关闭此页面。',
      },
      bad_request: {
        heading: '应用出现错误',
        happened: '该应用随您一同发送的请求无法识别，或不被允许。',
        todo: '请返回应用重试。如果仍然失败，您无法自行解决。',
      },
      other_site: {
        heading: '请求来自其他网站',
        happened: '表单是从不属于本服务的页面提交的。未做任何更改。',
        todo: '如果这不是您预期的操作，请关闭此页面。否则，请返回应用重新开始。',
      },
      embedded: {
        heading: '此页面必须单独打开',
        happened: '有内容试图在其他页面中打开它。',
        todo: '请返回应用，重新开始。',
      },
      no_entrance: {
        heading: '此地址没有内容',
        happened: '地址有误，或者它只是中间步骤，无法单独打开。',
        todo: '请返回应用，从那里开始。',
      },
      setup: {
        heading: '此处的配置有误',
        happened: '位于本服务前端的系统传来了不可信的信息，因此无法确认您的身份。',
        todo: '您无法自行解决。',
      },
      busy: {
        heading: '暂时无法处理',
        happened: '所需的某项服务没有响应，或当前负载过高。',
        todo: '请稍候片刻，然后重试。',
      },
      fault: {
        heading: '此处出现错误',
        happened: '这是我们的错误，已记录在案。',
        todo: '请返回应用重试。',
      },
    },
  },
};
