import { isSafeIssuer } from '../sections/issuer.ts';
import { type Check, problem, type Remark, warning } from './remark.ts';

/** Names that only a cluster or a private network resolves. */
const isClusterLocal = (host: string): boolean =>
  !/[.:]/.test(host) || /\.(?:svc|cluster\.local|internal)$/.test(host);

/**
 * What browsers open is held to the rules of an issuer. Plain http between programs is the operator's
 * word, and a warning where the name looks as if it left the cluster: tokens and secrets travel there.
 */
export const endpointCheck: Check = {
  reads: ['endpoints', 'policy'],
  find({ endpoints, policy }, { mode }) {
    const { browser_base: browser, backchannel_base: back } = endpoints ?? {};
    const remarks: Remark[] = [];
    const isAllowed = mode === 'dev' || policy.allow_http_issuer;
    if (browser !== undefined && !isAllowed && !isSafeIssuer(browser)) {
      const text =
        'is http:// and not on loopback; use https://, or set policy.allow_http_issuer: true';
      remarks.push(problem(['endpoints', 'browser_base'], text));
    }
    if (back !== undefined && !isSafeIssuer(back) && !isClusterLocal(new URL(back).hostname)) {
      const text =
        'is http:// and no name of a cluster; use https://, unless no network is in between';
      remarks.push(warning(['endpoints', 'backchannel_base'], text));
    }
    return remarks;
  },
};
