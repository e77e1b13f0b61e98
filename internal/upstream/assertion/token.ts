// From the line of a header to the parts of a token (RFC 7515 §7.1), and what its header may say. Nothing
// here believes anything: it only keeps away what must not even be verified.

import { parseMembers } from '../../protocol/jwt.ts';
import type { AssertionOptions } from '../options.ts';
import type { Detail } from './detail.ts';

export type Token = {
  readonly compact: string;
  readonly alg: string;
  readonly kid: string | undefined;
  /** Members of the JOSE header, signed like the claims once the signature is verified. */
  readonly header: Readonly<Record<string, unknown>>;
};

/** Three parts: five would be encrypted (RFC 7516), and an empty third one is not signed at all. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** ALB pads, against the standard, and signs what it padded. */
const PADDED = /^[\w-]+={0,2}\.[\w-]+={0,2}\.[\w-]+={0,2}$/;
const BEARER = /^Bearer ([^ ]+)$/i; // RFC 6750 §2.1

/** Some sources make a part of a URL of it. */
const KID = /^[\w-]{1,128}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Logout tokens, DPoP proofs and the like are signed by the same key and say something else. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt']);

/** The token, or why it is none that could be verified. */
export function createTokenReader({
  scheme = 'raw',
  algorithms,
  keys,
}: Pick<AssertionOptions, 'scheme' | 'algorithms' | 'keys'>): (line: string) => Token | Detail {
  const form = keys.kind === 'alb' ? PADDED : COMPACT;
  const kidForm = keys.kind === 'alb' ? UUID : KID;
  const allowed = new Set(algorithms);
  const judge = (compact: string, header: Token['header']): Token | Detail => {
    const { alg, kid, typ } = header;
    // By the operator's list: the token must not choose how it is verified (RFC 8725 §3.1).
    if (typeof alg !== 'string' || !allowed.has(alg)) return 'algorithm';
    if ('crit' in header) return 'critical'; // nothing that has to be understood is understood here
    if (!TYPES.has(normaliseType(typ))) return 'type';
    if (kid !== undefined && (typeof kid !== 'string' || !kidForm.test(kid))) return 'kid';
    return { compact, alg, kid, header };
  };
  return (line) => {
    const compact = scheme === 'raw' ? line : (BEARER.exec(line)?.[1] ?? '');
    if (!form.test(compact)) return 'form';
    const header = parseMembers(Buffer.from(compact.slice(0, compact.indexOf('.')), 'base64url'));
    return header === undefined ? 'form' : judge(compact, header);
  };
}

const normaliseType = (typ: unknown): unknown =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
