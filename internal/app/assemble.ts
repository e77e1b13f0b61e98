// Everything is assembled here, and nothing else is hidden anywhere: the parts opened from one
// configuration, the domain over them, HTTP over the domain. The only place where layers meet.

import { createAdmin } from '../admin/admin.ts';
import { createLogAudit } from '../audit/audit.ts';
import type { Config } from '../config/config.ts';
import { type AdminDeps, createAdminApp, type Readiness } from '../http/admin.ts';
import { createPublicApp, type HttpApp, type HttpDeps } from '../http/app.ts';
import { buildTable, type ListenerGroup } from '../http/routes.ts';
import type { Snapshot } from '../loader/load.ts';
import { createIssuer } from '../oidc/issuer.ts';
import type { Random } from '../protocol/random.ts';
import { listDeclared } from '../upstream/declared.ts';
import {
  createConfiguredForeignKeys,
  createConfiguredOutbox,
  openConfiguredKeys,
  openConfiguredStore,
  openConfiguredUpstream,
  openConfiguredUserinfo,
  type Terms,
} from './parts.ts';
import { rememberPolicy, toBases, toPolicy } from './policy.ts';

export type Mode = 'serve' | 'dev';

export type Surroundings = Terms & {
  readonly mode: Mode;
  readonly random: Random;
};

/** An issuer that is ready to be listened for. */
export type Asteroid = {
  readonly publicApp: (group: ListenerGroup) => HttpApp;
  /** What an operator may do, and what probes ask. */
  readonly adminApp: (draining: AdminDeps['draining']) => HttpApp;
  /** What probes ask, and nothing else. */
  readonly healthApp: (draining: AdminDeps['draining']) => HttpApp;
  /** Clients and upstream secrets of the snapshot count from the next request on. */
  readonly replace: (snapshot: Snapshot) => void;
  readonly reloadKeys: () => Promise<void>;
  /** What is still to be sent is sent, or given up when the time is over. */
  readonly flush: (milliseconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Throws `AssemblyError` or `KeyConfigError` for what only an operator can put right. */
export async function assemble(first: Snapshot, terms: Surroundings): Promise<Asteroid> {
  let snapshot = first;
  const { config } = first;
  const isDev = terms.mode === 'dev';
  const { upstream, options, urls } = await openConfiguredUpstream(
    config,
    () => snapshot,
    isDev,
    terms,
  );
  const declared = listDeclared(options);
  const admin = createAdmin({ now: terms.now, random: terms.random, declared });
  const keys = await openConfiguredKeys(config, () => snapshot.clients, terms);
  const [store, userinfo] = await Promise.all([
    openConfiguredStore(first, terms),
    openConfiguredUserinfo(config, terms),
  ]);
  const audit = createLogAudit(terms.log);
  const policy = rememberPolicy(toPolicy(config, urls, isDev ? userinfo.listUsers : undefined));
  const bases = toBases(config);
  const outbox = createConfiguredOutbox(config, isDev, terms.random);
  const issuer = createIssuer({
    issuer: config.issuer,
    bases,
    pairwiseSalt: first.pairwiseSalt,
    store,
    keys,
    foreignKeys: createConfiguredForeignKeys(config, isDev, terms),
    userinfo,
    audit,
    outbox: outbox.enqueue,
    now: terms.now,
    random: terms.random,
    findClient: async (clientId) => snapshot.clients.get(clientId),
    policy: () => policy(snapshot.clients),
  });
  const http: HttpDeps = {
    issuerUrl: config.issuer,
    bases,
    issuer: () => issuer,
    upstream: () => upstream,
    allowedHosts: isDev ? loopbackHosts(config) : [],
    strictHost: isDev,
    log: terms.log,
    audit,
    random: terms.random,
    admin,
  };
  const table = buildTable(config.issuer, 'all');
  const operator = { admin, declared, issuerUrl: config.issuer, table };
  const isReady = async (): Promise<readonly Readiness[]> => [
    { name: 'store', ready: await answers(store.ping()) },
    { name: 'keys', ready: keys.publicKeys().length > 0 },
  ];
  return {
    publicApp: (group) => createPublicApp(http, group),
    adminApp: (draining) => createAdminApp({ ready: isReady, draining, log: terms.log, operator }),
    healthApp: (draining) => createAdminApp({ ready: isReady, draining, log: terms.log }),
    replace: (next) => {
      snapshot = next;
    },
    reloadKeys: () => keys.reload(),
    flush: outbox.drain,
    close: async () => {
      await Promise.all([store.close(), keys.close(), userinfo.close()]);
    },
  };
}

// On one's own machine all of these are the same thing, and people type any of them.
function loopbackHosts({ issuer }: Config): readonly string[] {
  const { port } = new URL(issuer);
  const suffix = port === '' ? '' : `:${port}`;
  return ['localhost', '127.0.0.1', '[::1]'].map((host) => `${host}${suffix}`);
}

const answers = async (question: Promise<void>): Promise<boolean> => {
  try {
    await question;
    return true;
  } catch {
    return false;
  }
};
