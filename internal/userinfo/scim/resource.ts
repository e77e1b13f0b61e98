// The edge where a SCIM resource becomes claims (RFC 7643 §4.1 → OIDC Core §5.1).

import * as z from 'zod';
import { malformed } from '../source-error.ts';

const text = z.string().nullish();

const many = z
  .array(z.looseObject({ value: text, display: text, type: text, primary: z.boolean().nullish() }))
  .nullish();

const ADDRESSES = z
  .array(
    z.looseObject({
      formatted: text,
      streetAddress: text,
      locality: text,
      region: text,
      postalCode: text,
      country: text,
      primary: z.boolean().nullish(),
    }),
  )
  .nullish();

/** What is not of these types is a failure; `"active": "False"` is not something to guess about. */
export const USER = z.looseObject({
  id: z.string(),
  userName: text,
  name: z
    .looseObject({ formatted: text, familyName: text, givenName: text, middleName: text })
    .nullish(),
  displayName: text,
  nickName: text,
  profileUrl: text,
  locale: text,
  timezone: text,
  active: z.boolean().nullish(),
  emails: many,
  phoneNumbers: many,
  photos: many,
  addresses: ADDRESSES,
  groups: many,
  meta: z.looseObject({ lastModified: text }).nullish(),
});

export const GROUP = z.looseObject({ id: z.string(), displayName: text });

export type User = z.infer<typeof USER>;
type Many = User['emails'];

/** Claims of the core schema; `groups` are somebody else's decision. */
export function toClaims(user: User): Readonly<Record<string, unknown>> {
  const { name } = user;
  const address = choose(user.addresses);
  return {
    name: name?.formatted ?? user.displayName,
    family_name: name?.familyName,
    given_name: name?.givenName,
    middle_name: name?.middleName,
    nickname: user.nickName,
    preferred_username: user.userName,
    profile: user.profileUrl,
    picture: choose(user.photos)?.value,
    email: choose(user.emails)?.value,
    // An URI there (RFC 7643 §4.1.2), a number here.
    phone_number: choose(user.phoneNumbers)?.value?.replace(/^tel:/i, ''),
    locale: user.locale,
    zoneinfo: user.timezone,
    updated_at: toSeconds(user.meta?.lastModified),
    address: address && {
      formatted: address.formatted,
      street_address: address.streetAddress,
      locality: address.locality,
      region: address.region,
      postal_code: address.postalCode,
      country: address.country,
    },
  };
}

/** The primary one, or the only one. Of several the first would be a guess, and whoever added it knows. */
function choose<One extends { readonly primary?: boolean | null | undefined }>(
  all: readonly One[] | null | undefined,
): One | undefined {
  const primary = all?.filter((one) => one.primary === true) ?? [];
  const candidates = primary.length > 0 ? primary : (all ?? []);
  return candidates.length === 1 ? candidates[0] : undefined;
}

function toSeconds(time: string | null | undefined): number | undefined {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000);
}

/** Names of the groups that the resource lists itself; throws for one without a name. */
export const readGroups = (groups: Many, by: 'display' | 'value'): readonly string[] =>
  (groups ?? []).map((group) => {
    const name = group[by];
    if (typeof name !== 'string') throw malformed(`a group of the user has no ${by}`);
    return name;
  });

/** What a path of attributes leads to, through lists as well: `emails.value`, or a URN and a name. */
export function valuesAt(resource: unknown, path: string): readonly unknown[] {
  const [, urn, rest = path] = /^(urn:.+):([^:]+)$/i.exec(path) ?? [];
  const steps = [...(urn === undefined ? [] : [urn]), ...rest.split('.')];
  return steps.reduce<readonly unknown[]>(
    (values, step) => values.flatMap((value) => memberOf(value, step) ?? []),
    [resource],
  );
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
