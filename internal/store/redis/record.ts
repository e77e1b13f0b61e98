// An authorization as one Redis string: short lines that scripts compare and replace, and last the
// grant as JSON that no script looks into. One string takes half the memory of a hash with the same
// fields, and one SET changes state and life together.

import { type AuthorizationId, toClientId } from '../../protocol/ids.ts';
import { present } from '../../protocol/present.ts';
import type { LiveAuthorization } from '../granted.ts';
import { clientOf, type HeldAuthorization } from '../held.ts';
import type {
  FoundAuthorization,
  Grant,
  NewAuthorization,
  NewPending,
  PendingRequest,
  Redemption,
  RefreshTerms,
} from '../store.ts';
import { parseGrantBody, parseRequest, printGrantBody, printRequest } from './codec.ts';

// A granted record, line by line. scripts.ts rewrites the first eight and copies the others.
//    0  1g, 1r, 1e: version, and granted, redeemed or ended      6  until when the seal may be used
//    1  attempt that spent last, and when                        7  until when anything lives
//    2  refresh family, and what it is bound to                  8  code hash
//    3  hash of the current refresh token                        9  code expiry
//    4  hash of the one before                               10, 11  refresh terms: ttl, until
//    5  refresh expiry                                      12 … 15  the grant, see `grantLines`
// What a family or a code challenge is bound to stands behind it on its line, after a space, and so does when
// an attempt was. So a record of a version that bound or noted nothing is a record of this one, and that
// version knows no bound family.
const CODE_EXPIRY_LINE = 9;
const FIRST_GRANT_LINE = 12;
const LINES = 16;
const DEVICE_CLIENT_LINE = 7;

/** The record of a grant nobody has redeemed. */
export const printGranted = ({ grant, code, refresh }: NewAuthorization): string =>
  [
    ...['1g', '', '', '', '', '', '', line(code.expiresAt)],
    ...[line(code.hash), line(code.expiresAt), printTerms({ grant, refresh })],
  ].join('\n');

/** The lines of a record that follow those of its code. */
export const printTerms = ({
  grant,
  refresh,
}: {
  readonly grant: Grant;
  readonly refresh?: RefreshTerms | undefined;
}): string => [line(refresh?.ttl), line(refresh?.until), ...grantLines(grant)].join('\n');

/** A refresh family with its binding, as it stands on its line. */
export const printFamily = ({ family, binding }: NonNullable<Redemption['refresh']>): string =>
  bound(family, binding);

// No SHA-256 in base64url begins with it: an authorization code presented as a device code, which needs
// neither its redirect URI nor its verifier, is unknown; so is the opposite.
const DEVICE_MARK = '~';

/** The hash of a device code as records hold it. */
export const markHash = (hash: string): string => DEVICE_MARK + hash;

const isOfDevice = (codeHash: string): boolean => codeHash.startsWith(DEVICE_MARK);

const grantLines = (grant: Grant): readonly string[] => [
  line(grant.clientId),
  line((grant.redirectUriSent ? '+' : '-') + grant.redirectUri),
  bound(grant.challenge ?? '', grant.jkt),
  printGrantBody(grant),
];

/** Undefined when the four lines of a grant are not what `grantLines` wrote. */
export function parseGrant(lines: readonly string[]): Grant | undefined {
  const [clientId, redirect, proofs = '', json] = lines;
  if (clientId === undefined || redirect === undefined || json === undefined) return undefined;
  const body = parseGrantBody(json);
  if (body === undefined) return undefined;
  const [challenge, jkt] = splitBound(proofs);
  return {
    clientId: toClientId(clientId),
    redirectUri: redirect.slice(1),
    redirectUriSent: redirect.startsWith('+'),
    ...body,
    ...(challenge === '' ? {} : { challenge }),
    ...(jkt === undefined ? {} : { jkt }),
  };
}

/** Undefined unless the record is granted or redeemed, and alive. */
export function parseFound(record: string, now: number): FoundAuthorization | undefined {
  const lines = record.split('\n');
  const [state, , familyLine = '', current, , refreshExpiresAt, , life] = lines;
  if (lines.length !== LINES || (state !== '1g' && state !== '1r')) return undefined;
  if (!(now < Number(life))) return undefined;
  const grant = parseGrant(lines.slice(FIRST_GRANT_LINE));
  if (grant === undefined) return undefined;
  if (current === undefined || familyLine === '') return { grant, refresh: undefined };
  const [family, binding] = splitBound(familyLine);
  const expiresAt = Number(refreshExpiresAt);
  return { grant, refresh: { family, hash: current, expiresAt, binding } };
}

/** As its End-User sees it; undefined unless the record is granted or redeemed, and alive. */
export function parseLive(
  id: AuthorizationId,
  record: string,
  now: number,
): LiveAuthorization | undefined {
  const grant = parseFound(record, now)?.grant;
  if (grant === undefined) return undefined;
  const { clientId, scope, grantedAt, sid } = grant;
  const [, spend = '', , , , , , life, codeHash = ''] = record.split('\n');
  const [, usedAt] = splitBound(spend);
  return {
    ...{ id, clientId, scope, grantedAt, expiresAt: Number(life) },
    ...present({
      sid,
      usedAt: usedAt === undefined ? undefined : Number(usedAt),
      redirectUri: isOfDevice(codeHash) ? undefined : grant.redirectUri,
    }),
  };
}

/** As an operator sees it; undefined unless the record is granted or redeemed, and alive. */
export function parseHeld(
  id: AuthorizationId,
  record: string,
  now: number,
): HeldAuthorization | undefined {
  const live = parseLive(id, record, now);
  const body = parseGrantBody(record.slice(record.lastIndexOf('\n') + 1));
  return live === undefined || body === undefined ? undefined : { ...live, subject: body.subject };
}

/** Without reading the rest of it; undefined for what is no grant. */
export const clientOfRecord = (record: string): string | undefined =>
  /^1[gr]\n/.test(record) ? record.split('\n', FIRST_GRANT_LINE + 1)[FIRST_GRANT_LINE] : undefined;

/** Whose request it is that waits for somebody, at a page or beside a device. */
export function waitingClientOf(record: string): string | undefined {
  const lines = record.split('\n');
  if (lines[0] === '1d') return lines[DEVICE_CLIENT_LINE];
  const request = lines[0] === '1p' ? parseRequest(lines[3] ?? '') : undefined;
  return request && clientOf(request);
}

/** Of a record that was granted, redeemed or ended: when, and until when its code may be redeemed. */
export function parseCode(
  record: string,
): { readonly grantedAt: number; readonly expiresAt: number } | undefined {
  const lines = record.split('\n');
  const grant = parseGrant(lines.slice(FIRST_GRANT_LINE));
  return grant && { grantedAt: grant.grantedAt, expiresAt: Number(lines[CODE_EXPIRY_LINE]) };
}

/** The record of a request put aside: version and state, hash, expiry, and the request as JSON. */
export const printPending = ({ request, hash, expiresAt }: NewPending): string =>
  ['1p', line(hash), line(expiresAt), printRequest(request)].join('\n');

/** Undefined unless it is pending, not over, and this is its hash. */
export function parsePending(
  record: string,
  hash: string,
  now: number,
): PendingRequest | undefined {
  const [state, recorded, expiresAt, json] = record.split('\n');
  if (state !== '1p' || recorded !== hash || json === undefined) return undefined;
  return now < Number(expiresAt) ? parseRequest(json) : undefined;
}

/** A value, and behind it what it is bound to. */
function bound(value: string, binding: string | undefined): string {
  if (value.includes(' ')) throw new Error('a value of a stored authorization has a space');
  return line(binding === undefined ? value : `${value} ${binding}`);
}

function splitBound(text: string): readonly [value: string, binding: string | undefined] {
  const space = text.indexOf(' ');
  return space === -1 ? [text, undefined] : [text.slice(0, space), text.slice(space + 1)];
}

// A line break inside a value would move every value after it: a redirect URI could then stand
// where the code challenge is looked for.
export function line(value: string | number | undefined): string {
  if (value === undefined) return '';
  const text = String(value);
  if (text.includes('\n')) throw new Error('a value of a stored authorization has a line break');
  return text;
}
