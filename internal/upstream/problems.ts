// What is wrong with the options once a preset has filled them in, every problem at once. The last
// door: `config/` says most of it earlier and with line numbers, but embedders come here directly.

import { RESERVED_CLAIMS } from '../protocol/claims.ts';
import { findPatternProblem } from '../protocol/pattern.ts';
import { findAssertionProblems } from './assertion/problems.ts';
import {
  type CommonOptions,
  type HeaderOptions,
  listClaims,
  listHeaders,
  type TrustOptions,
  type UpstreamOptions,
} from './options.ts';
import { parseNetwork } from './peers.ts';
import { fold } from './scan.ts';
import { SUBJECT_CHARACTERS } from './subject.ts';

/** As `key: what to do`; empty when nothing is wrong. How much a proof proves is not asked here. */
export function findOptionProblems(options: UpstreamOptions): readonly string[] {
  return [
    ...findTrustProblems(options.trust),
    ...findNameProblems(options),
    ...findFieldProblems(options),
    ...findSubjectProblems(options),
  ];
}

function findTrustProblems({ peers = [], secret, unixSocket, mtls }: TrustOptions): string[] {
  const problems = peers
    .filter((cidr) => parseNetwork(cidr) === undefined)
    .map((cidr) => `upstream.trust.peers: ${cidr} is not a network like 10.42.7.0/24`);
  if (peers.length === 0 && secret === undefined && unixSocket !== true && mtls === undefined) {
    problems.push('upstream.trust: name peers, a secret, unix_socket or mtls; nothing is trusted');
  }
  if (mtls?.dnsSans.length === 0 && mtls.uriSans.length === 0) {
    problems.push('upstream.trust.mtls: name the proxy in dns_sans or uri_sans');
  }
  return problems;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/; // RFC 9110 §5.6.2

/** Written by every client or by every hop, so that nobody could tell who said what. */
const UNUSABLE =
  /^(?:host|cookie|authorization|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|expect|via|forwarded|proxy-.*|sec-.*|origin|referer|user-agent|date|accept.*|x-real-ip|x-original-.*|x-rewrite-.*|x-forwarded-(?!user$|email$|groups$|preferred-username$).*)$/;

type Named = { readonly key: string; readonly header: string };

function findNameProblems(options: UpstreamOptions): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  for (const { key, header } of listNames(options)) {
    const folded = fold(header);
    const owner = owners.get(folded);
    if (!TOKEN.test(header)) problems.push(`${key}: has to name its header`);
    else if (UNUSABLE.test(folded) && !isBearer(header, options)) {
      problems.push(`${key}: ${header} cannot carry an identity`);
    } else if (owner !== undefined) {
      problems.push(`${key}: ${header} is the header of ${owner} too`);
    }
    owners.set(folded, key);
  }
  return problems;
}

function listNames({ headers, assertion, trust }: UpstreamOptions): readonly Named[] {
  const { secret } = trust;
  const proof = secret === undefined ? [] : [{ key: 'upstream.trust.secret', ...secret }];
  if (assertion === undefined) {
    const named = listHeaders(headers).map(({ attribute, field }) => ({
      key: `upstream.headers.${attribute}`,
      header: field.name,
    }));
    return [...named, ...proof];
  }
  const rejected = (assertion.rejectPlainHeaders ?? []).map((header) => ({
    key: 'upstream.assertion.reject_plain_headers',
    header,
  }));
  return [{ key: 'upstream.assertion.header', header: assertion.header }, ...rejected, ...proof];
}

/** A signed token is the one credential that `Authorization` may bring (RFC 6750 §2.1). */
const isBearer = (header: string, { assertion }: UpstreamOptions): boolean =>
  header.toLowerCase() === 'authorization' &&
  assertion?.scheme === 'bearer' &&
  header === assertion.header;

/** They have options of their own, or are ours alone to say. */
const OWN_CLAIMS = ['email', 'email_verified', 'preferred_username', 'name', 'groups'];

function findFieldProblems({ headers, assertion, required = [] }: UpstreamOptions): string[] {
  const declared = assertion === undefined ? listHeaders(headers) : listClaims(assertion.claims);
  const known = new Set(declared.map(({ attribute }) => attribute));
  const carrier = assertion === undefined ? 'header' : 'claim';
  return [
    ...(assertion === undefined ? findHeaderProblems(headers) : findAssertionProblems(assertion)),
    ...Object.keys((headers ?? assertion.claims).extra ?? {})
      .filter((claim) => claim === '' || RESERVED_CLAIMS.has(claim) || OWN_CLAIMS.includes(claim))
      .map((claim) => `${extraKey(assertion)}: the claim ${claim} cannot be set here`),
    ...required
      .filter((attribute) => !known.has(attribute))
      .map((attribute) => `upstream.required: no ${carrier} carries ${attribute}`),
  ];
}

const extraKey = (assertion: object | undefined): string =>
  assertion === undefined ? 'upstream.headers.extra' : 'upstream.assertion.claims.extra';

function findHeaderProblems(headers: HeaderOptions): readonly string[] {
  const problems = listHeaders(headers)
    .filter(({ field: { pattern } }) => pattern !== undefined)
    .flatMap(({ attribute, field: { pattern = '' } }) => {
      const problem = findPatternProblem(pattern);
      return problem === undefined ? [] : [`upstream.headers.${attribute}: pattern ${problem}`];
    });
  // A subject is ASCII, and an encoded word would only be a second way to write it.
  if (headers.subject.encoding === 'rfc2047') {
    problems.push('upstream.headers.subject: encoding rfc2047 is for display claims');
  }
  return problems;
}

function findSubjectProblems({ subject }: CommonOptions): string[] {
  const problems: string[] = [];
  const { namespace = '', transform = 'none' } = subject ?? {};
  if (namespace !== '' && !SUBJECT_CHARACTERS.test(namespace)) {
    problems.push('upstream.subject.namespace: only printable ASCII, no blank and no comma');
  }
  if (typeof transform === 'object' && !/^[^@\s]+$/.test(transform.stripDomain)) {
    problems.push('upstream.subject.transform: has to name the domain, without an @');
  }
  return problems;
}
