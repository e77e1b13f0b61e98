import { isSafeIssuer } from '../sections/issuer.ts';
import { type Check, problem } from './remark.ts';

/** Codes and tokens over plain http are anybody's who is in between (RFC 8414 §2). */
export const issuerCheck: Check = {
  reads: ['issuer', 'policy'],
  find({ issuer, policy }, { mode }) {
    if (mode === 'dev' || policy.allow_http_issuer || isSafeIssuer(issuer)) return [];
    const text =
      'is http:// and not on loopback; use https://, or set policy.allow_http_issuer: true';
    return [problem(['issuer'], text)];
  },
};
