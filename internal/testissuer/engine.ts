// One test issuer from inside: what stands between the domain and those who rely on it, and what a test
// may do with it. Listens to nothing, so that whatever assembles an issuer can be one.

import type { Asteroid, Between } from '../app/assemble.ts';
import { createRandom } from '../app/random.ts';
import { readSnapshot } from '../app/read.ts';
import type { LoadOptions, Snapshot } from '../loader/load.ts';
import { ConfigError, type Problem } from '../loader/problem.ts';
import type { ReadYaml } from '../loader/read.ts';
import type { Deps } from '../oidc/deps.ts';
import type { Clock } from '../protocol/time.ts';
import type { OpenedUserinfo } from '../userinfo/open.ts';
import type { TestIssuer } from './api.ts';
import { type ClientChanges, changing } from './clients.ts';
import { createTestClock } from './clock.ts';
import { createClientBook, createUserBook } from './directory.ts';
import { createFaults } from './faults/faults.ts';
import { issue } from './issue.ts';
import { createKeyControl } from './key-control.ts';
import { Misuse } from './misuse.ts';
import { createRecorder } from './record.ts';
import { currentRequest } from './request-context.ts';
import { createSignedInUser } from './signed-in.ts';
import { type UserChanges, withTestUsers } from './users.ts';

/** Where the configuration comes from. */
export type Source = Pick<LoadOptions, 'files' | 'env'> & { readonly readYaml: ReadYaml };

export type EngineTerms = {
  readonly source: Source;
  readonly system: Clock;
  readonly clients: ClientChanges;
  readonly users: UserChanges;
  /** What is wrong with those. */
  readonly problems: readonly Problem[];
  /** Nobody but those users exists, whomever the configuration knows. */
  readonly hidesOthers: boolean;
};

export type Engine = {
  /** The configuration as it has become; throws `ConfigError`. */
  readonly read: () => Promise<Snapshot>;
  readonly now: Clock;
  /** Whatever assembles the issuer is given this, `now` and what `read` answers. */
  readonly between: Between;
  /** Of use from then on. */
  readonly api: Omit<TestIssuer, 'stop'>;
  /** For another issuer, which begins as this one has become. */
  readonly terms: () => EngineTerms;
  /** Whoever waits for an answer that never comes waits no longer. */
  readonly end: () => void;
};

export function createEngine(terms: EngineTerms): Engine {
  const { hidesOthers } = terms;
  const clock = createTestClock(terms.system);
  const keys = createKeyControl();
  const recorder = createRecorder();
  const users = createUserBook(terms.users, hidesOthers);
  const signedIn = createSignedInUser({ clock, checkUser: (sub) => users.check('signIn', sub) });
  const live = createLive();
  const faults = createFaults({
    issuerUrl: () => live.deps().issuer,
    now: clock.now,
    random: createRandom(),
    applied: (name) => currentRequest()?.faults.push(name),
  });
  const clients = createClientBook(terms.clients, {
    read: () => read(),
    replace: (snapshot) => live.openAsteroid().replace(snapshot),
  });
  const source = { ...terms.source, readYaml: changing(terms.source.readYaml, clients.changes) };
  const read = (): Promise<Snapshot> =>
    besides(terms.problems, readSnapshot({ ...source, mode: 'dev' }));
  const between: Between = {
    issuer(issuer, deps) {
      live.rely(deps);
      return recorder.issuer(faults.issuer(issuer), deps);
    },
    keys(opened) {
      keys.learn(opened);
      return faults.keys(opened);
    },
    upstream: signedIn.upstream,
    choice: signedIn.choice,
    known: users.withoutRemoved,
    userinfo: (configured) => live.know(withTestUsers(configured, users.changes, hidesOthers)),
    audit: recorder.audit,
    assembled: live.assembled,
  };
  const api = {
    get url() {
      return live.deps().issuer;
    },
    signIn: signedIn.signIn,
    signOut: signedIn.signOut,
    issue: async (request) =>
      faults.during({ client: request.client, user: request.as }, () =>
        issue(request, live.openDeps()),
      ),
    clients: clients.api,
    users: { ...users.api, list: live.listUsers },
    clock,
    keys: keys.api,
    faults: faults.api,
    flows: recorder.flows,
  } satisfies Omit<TestIssuer, 'stop'>;
  const now = (): EngineTerms => ({
    ...terms,
    clients: clients.changes(),
    users: users.changes(),
  });
  const end = (): void => {
    live.end();
    faults.stop();
  };
  return { read, now: clock.now, between, api, terms: now, end };
}

/** Every problem at once, those that were found before included. */
async function besides(found: readonly Problem[], reading: Promise<Snapshot>): Promise<Snapshot> {
  const snapshot = await reading.catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError([...error.problems, ...found]);
  });
  if (found.length > 0) throw new ConfigError(found);
  return snapshot;
}

/** What an issuer consists of by now; before it was assembled, nothing. */
function createLive() {
  let asteroid: Asteroid | undefined;
  let deps: Deps | undefined;
  let userinfo: OpenedUserinfo | undefined;
  let hasEnded = false;
  const required = <Part>(part: Part | undefined): Part => {
    if (part === undefined) throw new Error('the test issuer was not assembled');
    return part;
  };
  /** What nobody can use any more looks like a mistake in what is tested. */
  const open = <Part>(part: Part | undefined): Part => {
    if (hasEnded) throw new Misuse('this issuer was stopped; stop it later, or start another');
    return required(part);
  };
  return {
    openAsteroid: () => open(asteroid),
    openDeps: () => open(deps),
    deps: () => required(deps),
    end() {
      hasEnded = true;
    },
    listUsers: async () => (await required(userinfo).listUsers()).map(({ subject }) => subject),
    know(opened: OpenedUserinfo): OpenedUserinfo {
      userinfo = opened;
      return opened;
    },
    rely(current: Deps) {
      deps = current;
    },
    assembled(made: Asteroid) {
      asteroid = made;
    },
  };
}
