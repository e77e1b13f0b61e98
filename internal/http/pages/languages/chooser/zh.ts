import { type Html, html } from '../../html.ts';
import type { ChooserTexts } from './en.ts';

export const chooser: ChooserTexts = {
  title: (client: string) => `登录 ${client}`,
  heading: (client: Html) => html`登录 ${client}`,
  alone: '您想成为谁？',
  forDevelopment: '此登录服务仅供开发使用：您可以选择任意身份。',
  wanted: (client: Html, wanted: Html) => html`${client} 要求使用账号 ${wanted}。`,
  search: '按姓名或邮箱查找',
  find: '查找',
  wishedAcr: '应用要求的登录类别（acr）',
  keep: (subject: Html) => html`以 ${subject} 的身份继续，沿用之前填写的信息`,
  signedIn: '已登录',
  edit: '编辑',
  more: (count: number) => `还有 ${count} 位：请按姓名查找。`,
  nobody: '文件中没有这个名字。',
  somebodyElse: '其他人，或其他信息',
  signIn: '使用这些信息登录',
  fields: {
    sub: ['主体', 'sub：任何人，无论是否在文件中'],
    name: ['姓名', 'name'],
    email: ['电子邮箱', 'email'],
    email_verified: ['邮箱是否已验证？', 'email_verified'],
    groups: ['群组', 'groups，用逗号分隔'],
    acr: ['登录类别', 'acr，例如 urn:example:mfa'],
    amr: ['登录手段', 'amr，用空格分隔，例如 pwd otp'],
    ago: ['多久之前登录的？', 'auth_time：0、90s、5m、2h 或 3d；留空则不指定'],
    claims: ['其他信息', 'JSON，例如 {"locale": "de-CH"}'],
  },
  said: { nothing: '不指定', yes: '是', no: '否' },
};
