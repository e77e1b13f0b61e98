import { type Html, html } from '../../html.ts';
import type { ProducerTexts } from './en.ts';

export const producer: ProducerTexts = {
  left: '从现在起，应用不再收到任何用户的身份。',
  signIn: '重新登录',
  unreachable: '应用没有响应',
  nothingAt: (to: Html, problem: Html) => html`${to} 没有响应（${problem}）。`,
  start: (option: Html) =>
    html`请在该地址启动您的应用并重新加载此页面，或使用 ${option} 指定应用所在的地址。`,
};
