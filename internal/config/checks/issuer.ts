import { isSafeIssuer } from '../sections/issuer.ts';
import { isLoopbackHost, isNobodysHost, isPrivateHost } from '../sections/loopback.ts';
import { type Check, problem } from './remark.ts';

export const issuerCheck: Check = {
  reads: ['issuer', 'policy'],
  find({ issuer, policy }, { mode, exposed }) {
    const text =
      mode === 'dev'
        ? findDevProblem(new URL(issuer).hostname, exposed)
        : findServeProblem(issuer, policy.allow_http_issuer);
    return text === undefined ? [] : [problem(['issuer'], text)];
  },
};

/** Codes and tokens over plain http are anybody's who is in between (RFC 8414 §2). */
const findServeProblem = (issuer: string, allowsHttp: boolean): string | undefined =>
  allowsHttp || isSafeIssuer(issuer)
    ? undefined
    : 'is http:// and not on loopback; use https://, or set policy.allow_http_issuer: true';

/** Tokens in the name of a real issuer would be for anybody to have, of anybody. */
function findDevProblem(host: string, exposed: boolean): string | undefined {
  if (isLoopbackHost(host) || isNobodysHost(host)) return undefined;
  if (!exposed) {
    return 'is not of this machine, and dev lets anybody sign in as anybody; use localhost, or a name below .localhost or .test';
  }
  return isPrivateHost(host)
    ? undefined
    : 'is a name that the internet may know, and dev lets anybody sign in as anybody; use an address, a name without a dot, or one below .localhost, .test, .local or .internal';
}
