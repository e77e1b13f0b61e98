// What may be said about End-Users in users.yaml: the standard claims in their right types (OIDC
// Core §5.1), and any other claim that is not ours alone to make.

import * as z from 'zod';
import { type Claims, type JsonValue, RESERVED_CLAIMS } from '../protocol/claims.ts';
import { type Subject, toSubject } from '../protocol/ids.ts';
import { section, text, textWith } from './fields.ts';
import type { Finding, Path } from './finding.ts';
import { readValue } from './issues.ts';

const matching = (pattern: RegExp, problem: string) =>
  textWith((value) => (pattern.test(value) ? undefined : problem));

const webPage = () =>
  textWith((value) =>
    /^https?:\/\/[!-~]+$/.test(value) && URL.canParse(value) ? undefined : 'has to be an http URL',
  );

const sub = () =>
  matching(
    /^[!-+\--~]{1,255}$/,
    'has to be 1 to 255 printable ASCII characters without blanks and commas',
  );

const email = () => matching(/^[^\s@]+@[^\s@]+$/, 'has to be an e-mail address');

const birthdate = () =>
  matching(
    /^\d{4}(?:-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))?$/,
    'has to be YYYY-MM-DD, 0000-MM-DD or "YYYY"',
  );

const address = () =>
  section({
    formatted: z.string().min(1).optional().meta({ description: 'The whole, with line ends' }),
    street_address: z.string().min(1).optional().meta({ description: 'Street and number' }),
    locality: text().optional().meta({ description: 'City' }),
    region: text().optional().meta({ description: 'State or province' }),
    postal_code: text().optional().meta({ description: 'Postal code, in quotes' }),
    country: text().optional().meta({ description: 'Country' }),
  });

const userSchema = z
  .object({
    sub: sub().meta({ description: 'The subject; never given to anybody else' }),
    name: text().optional().meta({ description: 'Whole name' }),
    given_name: text().optional(),
    family_name: text().optional(),
    middle_name: text().optional(),
    nickname: text().optional(),
    preferred_username: text().optional(),
    profile: webPage().optional().meta({ description: 'Page about the End-User' }),
    picture: webPage().optional().meta({ description: 'Picture of the End-User' }),
    website: webPage().optional().meta({ description: 'Page of the End-User' }),
    email: email().optional(),
    email_verified: z.boolean().optional(),
    gender: text().optional(),
    birthdate: birthdate().optional().meta({ description: 'YYYY-MM-DD, 0000-MM-DD or "YYYY"' }),
    zoneinfo: text().optional().meta({ description: 'As in Europe/Zurich' }),
    locale: text().optional().meta({ description: 'As in de-CH' }),
    phone_number: text().optional().meta({ description: 'As in "+41 44 000 00 00"' }),
    phone_number_verified: z.boolean().optional(),
    address: address().optional().meta({ description: 'Postal address' }),
    updated_at: z.int().min(0).optional().meta({ description: 'Seconds since 1970' }),
    groups: z.array(text()).optional().meta({ description: 'Groups' }),
  })
  .catchall(z.unknown());

export const usersSchema = section({
  users: z.array(userSchema).meta({ description: 'The End-Users' }),
}).meta({ title: 'users.yaml' });

const envelope = section({ users: z.array(z.unknown()) });

export type ReadUsers = {
  readonly users: ReadonlyMap<Subject, Claims>;
  readonly problems: readonly Finding[];
};

/** Claims without `sub`; the subject is the key. */
export function readUsers(tree: unknown): ReadUsers {
  const file = readValue(envelope, tree);
  if (!file.ok) return { users: new Map(), problems: file.findings };
  const users = new Map<Subject, Claims>();
  const places = new Map<string, number>();
  const problems: Finding[] = [];
  for (const [index, entry] of file.value.users.entries()) {
    const path = ['users', index];
    const reading = readValue(userSchema, entry, path);
    problems.push(...findReserved(entry, path), ...(reading.ok ? [] : reading.findings));
    if (!reading.ok) continue;
    const { sub: subject, ...claims } = reading.value;
    const twin = places.get(subject);
    if (twin !== undefined) {
      const problem = `is the subject of users[${twin}] too; rename or remove one`;
      problems.push({ path: [...path, 'sub'], problem });
    }
    places.set(subject, index);
    problems.push(...findEmpty(claims, path));
    users.set(toSubject(subject), toClaims(claims));
  }
  return { users, problems };
}

/** The claims of one End-User, whose subject is known; every problem with the path of the claim. */
export function readUser(
  subject: string,
  claims: { readonly [claim: string]: unknown },
): { readonly claims: Claims; readonly problems: readonly Finding[] } {
  const twice = Object.hasOwn(claims, 'sub')
    ? [{ path: ['sub'], problem: 'stands in the path already; remove it here' }]
    : [];
  const { users, problems } = readUsers({ users: [{ ...claims, sub: subject }] });
  const [, entry = {}] = [...users][0] ?? [];
  const own = problems.map((one) => ({ ...one, path: one.path.slice(2) }));
  return { claims: entry, problems: [...twice, ...own] };
}

function findReserved(entry: unknown, path: Path): readonly Finding[] {
  if (typeof entry !== 'object' || entry === null) return [];
  return Object.keys(entry)
    .filter((claim) => claim !== 'sub' && RESERVED_CLAIMS.has(claim))
    .map((claim) => ({
      path: [...path, claim],
      problem: 'is a claim that only Asteroid may set; remove or rename it',
    }));
}

function findEmpty(value: unknown, path: Path): readonly Finding[] {
  if (value === null) return [{ path, problem: 'has no value; give it one, or remove the key' }];
  if (typeof value !== 'object') return [];
  if (Array.isArray(value))
    return value.flatMap((item, index) => findEmpty(item, [...path, index]));
  return Object.entries(value).flatMap(([key, item]) => findEmpty(item, [...path, key]));
}

const toClaims = (given: { readonly [claim: string]: unknown }): Claims =>
  Object.fromEntries(
    Object.entries(given).flatMap(([claim, value]) => {
      const json = toJson(value);
      return json === undefined ? [] : [[claim, json] as const];
    }),
  );

/** Undefined for what JSON has no word for; YAML has none of it either. */
function toJson(value: unknown): JsonValue | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) return value.map(toJson).filter((item) => item !== undefined);
  return typeof value === 'object' && value !== null ? toClaims({ ...value }) : undefined;
}
