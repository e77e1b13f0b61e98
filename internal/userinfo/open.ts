// Name in the configuration → implementation, imported only then: an issuer without the http
// backend loads neither its cache nor its parser.

import type { Outbound } from '../outbound/outbound.ts';
import type { Claims } from '../protocol/claims.ts';
import type { Unavailable } from '../protocol/errors.ts';
import type { Subject } from '../protocol/ids.ts';
import type { Clock } from '../protocol/time.ts';
import type { Backend, Userinfo } from './backend.ts';
import type { CacheOutcome } from './cache.ts';
import type { HttpBackendOptions } from './http.ts';
import type { LdapBackendOptions } from './ldap/ldap.ts';
import { type Lookup, lookUp } from './look-up.ts';
import type { ScimBackendOptions } from './scim/scim.ts';
import type { SqlBackendOptions } from './sql/sql.ts';
import type { FindUser } from './store.ts';
import { createUserinfo } from './userinfo.ts';
import type { ListedUser, YamlBackend } from './yaml.ts';

type OptionsByType = {
  readonly yaml: { readonly file: string };
  readonly headers: Readonly<Record<never, never>>;
  readonly http: HttpBackendOptions;
  readonly ldap: LdapBackendOptions;
  readonly sql: SqlBackendOptions;
  readonly scim: ScimBackendOptions;
  readonly store: Readonly<Record<never, never>>;
};

export type BackendType = keyof OptionsByType;

/** What an operator configured for one backend, credentials as functions. */
export type BackendOptions<Type extends BackendType = BackendType> = {
  readonly [T in Type]: { readonly type: T } & OptionsByType[T];
}[Type];

export type UserinfoDeps = {
  readonly now: Clock;
  /** For backends that ask over HTTP. */
  readonly outbound: Outbound;
  /** Parses and validates a users file. */
  readonly loadUsers: (file: string) => Promise<ReadonlyMap<Subject, Claims>>;
  /** What the store of the issuer has of an End-User, for the backend of that name. */
  readonly findUser: FindUser;
  /** Hears what was survived: an unusable change of a file, an outage covered by the cache. */
  readonly onProblem: (problem: Unavailable) => void;
  /** Told how a backend that remembers answers found one; absent: nobody is. */
  readonly onFind?: ((type: BackendType, outcome: CacheOutcome) => void) | undefined;
  /** Stands around each of them; absent: nothing does. */
  readonly around?: (<Kind extends Backend>(backend: Kind) => Kind) | undefined;
};

type Opened = Backend & Partial<Pick<YamlBackend, 'listUsers'>>;

/** Adding a backend: write its file beside this one, its options above and its line here. */
export const BACKENDS: {
  readonly [Type in BackendType]: (
    options: BackendOptions<Type>,
    deps: UserinfoDeps,
  ) => Promise<Opened>;
} = {
  yaml: async ({ file }, { loadUsers, ...deps }) =>
    (await import('./yaml.ts')).createYamlBackend({ ...deps, file, load: () => loadUsers(file) }),
  headers: async () => (await import('./headers.ts')).createHeadersBackend(),
  http: async ({ type, ...options }, deps) =>
    (await import('./http.ts')).createHttpBackend(options, telling(type, deps)),
  ldap: async (options, deps) =>
    (await import('./ldap/ldap.ts')).createLdapBackend(options, telling('ldap', deps)),
  sql: async (options, deps) =>
    (await import('./sql/sql.ts')).createSqlBackend(options, telling('sql', deps)),
  scim: async (options, deps) =>
    (await import('./scim/scim.ts')).createScimBackend(options, telling('scim', deps)),
  store: async (_options, deps) => (await import('./store.ts')).createStoreBackend(deps),
};

/** Whose questions they are is known here alone. */
const telling = (type: BackendType, { onFind, ...deps }: UserinfoDeps) => ({
  ...deps,
  onFind: onFind && ((outcome: CacheOutcome) => onFind(type, outcome)),
});

const openBackend = <Type extends BackendType>(
  options: BackendOptions<Type>,
  deps: UserinfoDeps,
): Promise<Opened> => BACKENDS[options.type](options, deps);

export type OpenedUserinfo = Userinfo & {
  /** The End-Users of every backend that can list them, in order; each subject once. */
  listUsers(): Promise<readonly ListedUser[]>;
  /** What each backend says of a subject, in the order in which they are asked. */
  lookUp?(subject: Subject): Promise<readonly Lookup[]>;
  /** Forgets what backends remember of one subject or of all; answers how many answers. */
  forget?(subject: Subject | undefined): number;
  /** Asks about nobody where that harms nothing, and says why each source cannot be asked. */
  findProblems?(): Promise<readonly Error[]>;
};

/** Loads the code of the backends named; no file is read and nobody is asked yet. */
export async function openUserinfo(
  options: readonly BackendOptions[],
  deps: UserinfoDeps,
): Promise<OpenedUserinfo> {
  const { around = (backend) => backend } = deps;
  const opened = await Promise.all(options.map((option) => openBackend(option, deps)));
  const backends = opened.map((backend) => around(backend));

  const probes = backends.flatMap(({ probe }) => probe ?? []);
  return Object.assign(createUserinfo(backends), {
    lookUp: (subject: Subject) => lookUp(backends, subject),
    forget: (subject: Subject | undefined) =>
      backends.reduce((sum, backend) => sum + (backend.forget?.(subject) ?? 0), 0),
    async listUsers() {
      const bySubject = new Map<Subject, ListedUser>();
      for (const backend of backends) {
        for (const user of (await backend.listUsers?.()) ?? []) {
          if (!bySubject.has(user.subject)) bySubject.set(user.subject, user);
        }
      }
      return [...bySubject.values()];
    },
    ...(probes.length === 0 ? {} : { findProblems: () => runAll(probes) }),
  });
}

async function runAll(probes: readonly (() => Promise<void>)[]): Promise<readonly Error[]> {
  const outcomes = await Promise.allSettled(probes.map((probe) => probe()));
  return outcomes.flatMap((one) =>
    one.status === 'rejected' && one.reason instanceof Error ? [one.reason] : [],
  );
}
