// Rich authorization requests (RFC 9396): JSON from a stranger, held against what the operator declared.
// What is not declared is refused, never passed on: a resource server would believe that we know it.

import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import type { JsonValue } from '../../protocol/claims.ts';
import type { Client } from '../../protocol/client.ts';
import type { DetailsType, MemberKind } from '../../protocol/details-types.ts';
import { invalidAuthorizationDetails } from '../../protocol/errors.ts';
import { type Params, readParam } from '../../protocol/params.ts';
import { parseJsonText } from '../json-text.ts';
import type { Policy } from '../policy.ts';
import { areWithin } from './part.ts';

/** It ends up in tokens, and these in headers. */
const BOUNDS = { maxLength: 4096, maxDepth: 5 };
const MAX_DETAILS = 20;

/** Empty when the request has none; throws `invalid_authorization_details` (RFC 9396 §5). */
export function readAuthorizationDetails(
  params: Params,
  client: Client,
  { authorizationDetailsTypes: declared }: Policy,
): readonly AuthorizationDetail[] {
  const details = readDetails(params) ?? NONE;
  for (const detail of details) {
    const type = declared.get(detail.type);
    if (type === undefined || !client.authorizationDetailsTypes.includes(detail.type)) {
      throw invalidAuthorizationDetails({ reason: 'details_type_unknown' });
    }
    checkMembers(detail, type);
  }
  return details;
}

const NONE: readonly AuthorizationDetail[] = [];

/** Of what was granted all that the client may still have, or the part it asks for (RFC 9396 §6). */
export function narrowDetails(
  params: Params,
  granted: readonly AuthorizationDetail[] = [],
  { authorizationDetailsTypes: allowed }: Client,
): readonly AuthorizationDetail[] {
  const held = granted.filter(({ type }) => allowed.includes(type));
  const wanted = readDetails(params);
  if (wanted === undefined) return held;
  if (!areWithin(wanted, held)) {
    throw invalidAuthorizationDetails({ reason: 'details_not_granted' });
  }
  return wanted;
}

/** Undefined for none: as a claim, and on the wire. */
export const printDetails = <Detail>(details: readonly Detail[]): readonly Detail[] | undefined =>
  details.length === 0 ? undefined : details;

function readDetails(params: Params): readonly AuthorizationDetail[] | undefined {
  const text = readParam(params, 'authorization_details');
  if (text === undefined) return undefined;
  const list = parseJsonText(text, BOUNDS);
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_DETAILS) throw malformed();
  return list.map((detail: JsonValue) => {
    if (!isDetail(detail)) throw malformed();
    return detail;
  });
}

type JsonObject = { readonly [name: string]: JsonValue };

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isDetail = (value: JsonValue): value is AuthorizationDetail =>
  isObject(value) && Object.hasOwn(value, 'type') && typeof value['type'] === 'string';

function checkMembers(detail: AuthorizationDetail, { members, required }: DetailsType): void {
  const isComplete = required.every((name) => Object.hasOwn(detail, name));
  const isKnown = Object.entries(detail).every(([name, value]) => {
    if (name === 'type') return true;
    const kind = members.get(name);
    return kind !== undefined && KINDS[kind](value);
  });
  if (!isComplete || !isKnown) throw malformed();
}

/** On a page, what cannot be seen could turn the meaning of what can. */
const isText = (value: JsonValue): boolean => typeof value === 'string' && !/\p{C}/u.test(value);

const isTexts = (value: JsonValue): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isText);

const isScalar = (value: JsonValue): boolean =>
  isText(value) || typeof value === 'number' || typeof value === 'boolean';

const NAME = /^[A-Za-z_][\w.-]{0,63}$/;

const isShallow =
  (isMember: (value: JsonValue) => boolean) =>
  (value: JsonValue): boolean =>
    isObject(value) &&
    Object.entries(value).every(([name, member]) => NAME.test(name) && isMember(member));

const isFlat = isShallow((member) => isScalar(member) || isTexts(member));

const KINDS: { readonly [Kind in MemberKind]: (value: JsonValue) => boolean } = {
  text: isText,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  list: isTexts,
  object: isShallow((member) => isScalar(member) || isTexts(member) || isFlat(member)),
};

const malformed = () => invalidAuthorizationDetails({ reason: 'details_malformed' });
