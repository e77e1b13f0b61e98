// What each scope means at one issuer: the standard ones, which keep their meaning, and the
// operator's own. Discovery, the consent page, tokens and UserInfo all read this one table.

import { SCOPE_CLAIMS } from './claims.ts';

export type ScopeTerms = {
  /** What it lets a client see or do, for the End-User to read; undefined: pages have words for a standard one, and for others its name has to do. */
  readonly description: string | undefined;
  /** The claims it releases; none for a scope that only a resource server understands. */
  readonly claims: readonly string[];
  /** Granted to a client that asks for no scope at all (RFC 6749 §3.3). */
  readonly isDefault: boolean;
  /** The clients that may ask for it; undefined: whichever lists it, or lists none. */
  readonly clients: readonly string[] | undefined;
};

export type ScopeTable = ReadonlyMap<string, ScopeTerms>;

const standard = (name: string): readonly [string, ScopeTerms] => [
  name,
  {
    description: undefined,
    claims: SCOPE_CLAIMS.get(name) ?? [],
    isDefault: false,
    clients: undefined,
  },
];

/** Scopes that the standards give a meaning to (OIDC Core §5.4, §11); `groups` is the common extension. */
export const STANDARD_SCOPES: ScopeTable = new Map(
  ['openid', 'profile', 'email', 'address', 'phone', 'groups', 'offline_access'].map(standard),
);

/** The standard scopes, with whatever `own` says beyond them: they can be given more, and lose nothing. */
export const buildScopeTable = (own: ScopeTable): ScopeTable =>
  new Map([
    ...STANDARD_SCOPES,
    ...[...own].map(([name, terms]): readonly [string, ScopeTerms] => {
      const known = STANDARD_SCOPES.get(name);
      return [name, known === undefined ? terms : extend(known, terms)];
    }),
  ]);

const extend = (known: ScopeTerms, { claims, ...rest }: ScopeTerms): ScopeTerms => ({
  ...rest,
  claims: [...new Set([...known.claims, ...claims])],
});

/** Every claim that some scope of the table releases, each once. */
export const listReleased = (scopes: ScopeTable): readonly string[] => [
  ...new Set([...scopes.values()].flatMap(({ claims }) => claims)),
];
