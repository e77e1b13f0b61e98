import { isLoopbackHost } from '../sections/loopback.ts';
import { type Check, warning } from './remark.ts';

/** Its answers are not signed: whoever can change them on their way decides who gets which tokens. */
export const tokenHookCheck: Check = {
  reads: ['token_hook'],
  find({ token_hook: hook }) {
    if (hook === undefined || !hook.url.startsWith('http://')) return [];
    if (isLoopbackHost(new URL(hook.url).hostname)) return [];
    const text = 'is plain http, so that anybody on the way can allow tokens; use https';
    return [warning(['token_hook', 'url'], text)];
  },
};
