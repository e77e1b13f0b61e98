// What is wrong with the options of an assertion. Names of headers and of claims are checked beside
// those of plain headers.

import { ASYMMETRIC_ALGS } from '../../protocol/names.ts';
import { type AssertionKeys, type AssertionOptions, listClaims } from '../options.ts';

const KEY = 'upstream.assertion';

/** As `key: what to do`; empty when nothing is wrong. */
export function findAssertionProblems(options: AssertionOptions): readonly string[] {
  const { algorithms, keys, claims, maxAge = 1, clockSkew = 0 } = options;
  return [
    ...(algorithms.length === 0
      ? [`${KEY}.algorithms: name what the signer uses, for example ES256`]
      : algorithms
          .filter((algorithm) => !ASYMMETRIC_ALGS.some((known) => known === algorithm))
          .map((name) => `${KEY}.algorithms: ${name} is no asymmetric algorithm`)),
    ...findKeyProblems(keys),
    ...(keys.kind === 'alb' ? [] : findOriginProblems(options)),
    ...listClaims(claims)
      .filter(({ claim }) => claim === '')
      .map(({ attribute }) => `${KEY}.claims.${attribute}: has to name its claim`),
    ...(maxAge > 0 ? [] : [`${KEY}.max_age: has to be longer than nothing`]),
    ...(clockSkew >= 0 ? [] : [`${KEY}.clock_skew: cannot be negative`]),
  ];
}

/** The same signer speaks to other applications too: what was said to them is not for us (T20). */
function findOriginProblems({ issuer = '', audience = [] }: AssertionOptions): readonly string[] {
  const problems: string[] = [];
  if (issuer === '') problems.push(`${KEY}.issuer: name who signs, exactly as in iss`);
  if (audience.length === 0 || audience.includes('')) {
    problems.push(`${KEY}.audience: name what is in aud for this issuer and nobody else`);
  }
  return problems;
}

// The region becomes part of a host name.
// GovCloud and China keep keys at other hosts.
const REGION = /^(?!us-gov-|us-iso|cn-)[a-z]{2,3}(?:-[a-z]{2,12}){1,2}-\d{1,2}$/;
const SIGNER = /^arn:aws:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer\/[!-~]+$/;

function findKeyProblems(keys: AssertionKeys): readonly string[] {
  if (keys.kind === 'file') return [];
  if (keys.kind === 'uri') {
    return isSafe(keys.uri)
      ? []
      : [`${KEY}.jwks_uri: has to be an https URL; plain http is for loopback only`];
  }
  const problems: string[] = [];
  if (!REGION.test(keys.region)) problems.push(`${KEY}.alb.region: is no region like eu-central-1`);
  if (!SIGNER.test(keys.signer)) {
    problems.push(`${KEY}.alb.signer: has to be the ARN of the load balancer`);
  }
  if (keys.client === '')
    problems.push(`${KEY}.alb.client: name the client id of the load balancer`);
  return problems;
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Over plain http anybody in between could hand over keys of their own (T22). */
function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  if (username !== '' || password !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}
