// What one client is told in another form than the others: `preferred_username` step by step, and
// claims made of claims. Shapes what is known on its way out and nothing else: who may sign in is
// decided by what is known itself, and `sub` is never touched.

import { lowerAscii } from '../protocol/ascii.ts';
import type { Claims, JsonValue } from '../protocol/claims.ts';
import type { ClaimMapping, Client, UsernameTransform } from '../protocol/client.ts';
import { matchesPattern } from '../protocol/pattern.ts';
import type { ScopeTable } from '../protocol/scope-table.ts';

type Shaping = Pick<Client, 'preferredUsernameTransform' | 'claimMappings'>;

/** Every claim that some scope of these releases to the client, those that are made for it too. */
export function claimsOf(
  scope: readonly string[],
  { claimMappings }: Shaping,
  scopes: ScopeTable,
): readonly string[] {
  const known: string[] = [];
  for (const name of scope) known.push(...(scopes.get(name)?.claims ?? []));
  if (claimMappings.length === 0) return known;
  const made = claimMappings.filter(({ from }) => known.includes(from)).map(({ claim }) => claim);
  return [...known, ...made];
}

/** What is known, as the client is told it. Every claim is made of what is known, not of another one. */
export function shapeClaims(known: Claims, client: Shaping): Claims {
  const { preferredUsernameTransform: steps, claimMappings } = client;
  if (steps.length === 0 && claimMappings.length === 0) return known;
  const source = new Map(Object.entries(known));
  const shaped = new Map(source);
  const put = (claim: string, value: JsonValue | undefined): void => {
    if (value === undefined) shaped.delete(claim);
    else shaped.set(claim, value);
  };
  if (steps.length > 0) put(USERNAME, shapeUsername(source.get(USERNAME), steps));
  for (const mapping of claimMappings) {
    put(mapping.claim, mapValue(source.get(mapping.from), mapping));
  }
  return Object.fromEntries(shaped);
}

const USERNAME = 'preferred_username';

const TRANSFORMS: { readonly [Name in UsernameTransform]: (text: string) => string } = {
  'local-part': (text) => {
    const [local = '', ...domains] = text.split('@');
    return domains.length === 1 ? local : text;
  },
  lower: lowerAscii,
  // A part of nothing but dots would be a way up where names become paths.
  slug: (text) =>
    text
      .split(/[^A-Za-z0-9._]/)
      .filter((part) => /[^.]/.test(part))
      .join('-'),
};

/** Undefined for what is no text, or of which nothing is left. */
function shapeUsername(
  known: JsonValue | undefined,
  steps: readonly UsernameTransform[],
): string | undefined {
  if (typeof known !== 'string') return undefined;
  return steps.reduce((text, step) => TRANSFORMS[step](text), known) || undefined;
}

/** A list stays a list, text stays text; undefined for anything else, and where nothing is left. */
function mapValue(
  value: JsonValue | undefined,
  mapping: ClaimMapping,
): string | readonly string[] | undefined {
  if (typeof value === 'string') return mapEntry(value, mapping);
  if (!Array.isArray(value)) return undefined;
  const entries = value.flatMap((entry) => mapEntry(entry, mapping) ?? []);
  return entries.length === 0 ? undefined : [...new Set(entries)];
}

/** Undefined for an entry that is left out. */
function mapEntry(
  entry: JsonValue,
  { match, stripPrefix, values }: ClaimMapping,
): string | undefined {
  if (typeof entry !== 'string' || !entry.startsWith(stripPrefix)) return undefined;
  if (match !== undefined && !matchesPattern(match, entry)) return undefined;
  const rest = entry.slice(stripPrefix.length);
  return (values === undefined ? rest : values.get(rest)) || undefined;
}
