// A profile is one word for many ordinary settings. It is resolved here, between the file and the
// domain, which knows the settings and no profiles: what a client is held to stands in its metadata.

import { isDeepStrictEqual } from 'node:util';
import type { ClientMetadata } from '../client.ts';
import type { Finding } from '../finding.ts';
import type { ProfileName } from '../sections/client-profile.ts';
import { fapi2 } from './fapi2.ts';

/** What the issuer says of all its clients. */
export type IssuerTerms = {
  /** Undefined: each client says for itself. */
  readonly profile: ProfileName | undefined;
  /** Seconds that codes live. */
  readonly authorizationCode: number;
};

/** One setting that the profile makes, whatever the client says. */
export type Setting = {
  readonly key: string;
  readonly value: unknown;
  /** What it means for the client, for an operator to read. */
  readonly why: string;
};

export type Profile = {
  /** Only those that mean something for this client. */
  settings(client: ClientMetadata, issuer: IssuerTerms): readonly Setting[];
  /** What no setting can put right: somebody has to choose. Paths begin at the client. */
  findProblems(client: ClientMetadata): readonly Finding[];
};

const TABLE: Readonly<Record<ProfileName, Profile>> = { fapi2 };

export type Resolved = {
  /** What the client is held to. */
  readonly client: ClientMetadata;
  /** What the profile made of what the file says: one sentence each. */
  readonly consequences: readonly string[];
  readonly problems: readonly Finding[];
};

/**
 * The client with the settings of its profile, or as it is.
 * @param said the keys that the file itself has: what contradicts the profile is refused, and what is
 * not said is set.
 */
export function resolveProfile(
  client: ClientMetadata,
  said: ReadonlySet<string>,
  issuer: IssuerTerms,
): Resolved {
  const name = client.profile ?? issuer.profile;
  if (name === undefined) return { client, consequences: [], problems: [] };
  const { settings, findProblems } = TABLE[name];
  const given = new Map<string, unknown>(Object.entries(client));
  const changes = settings(client, issuer).filter(
    ({ key, value }) => !isDeepStrictEqual(given.get(key), value),
  );
  // A map of its own is added to, and never contradicted as a whole.
  const contradicted = changes.filter(
    ({ key, value }) => said.has(key) && typeof value !== 'object',
  );
  return {
    client: { ...client, ...Object.fromEntries(changes.map(({ key, value }) => [key, value])) },
    consequences: changes.map(({ key, value, why }) => `${name} sets ${print(key, value)}: ${why}`),
    problems: [
      ...contradicted.map(({ key, value }) => ({
        path: [key],
        problem: `contradicts profile: ${name}, which has ${print(key, value)}; remove it`,
      })),
      ...findProblems(client),
    ],
  };
}

const print = (key: string, value: unknown): string =>
  typeof value === 'object' ? key : `${key}: ${String(value)}`;
