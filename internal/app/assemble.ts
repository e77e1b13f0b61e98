// Everything is assembled here, and nothing else is hidden anywhere: the parts opened from one
// configuration, the domain over them, HTTP over the domain. The only place where layers meet.

import { createAdmin } from '../admin/admin.ts';
import { createLogAudit } from '../audit/audit.ts';
import type { Config } from '../config/config.ts';
import { type AdminDeps, createAdminApp, type Readiness } from '../http/admin.ts';
import { createPublicApp, type HttpApp, type HttpDeps } from '../http/app.ts';
import { buildTable, type ListenerGroup } from '../http/routes.ts';
import type { Snapshot } from '../loader/load.ts';
import type { Deps } from '../oidc/deps.ts';
import { createIssuer } from '../oidc/issuer.ts';
import type { Random } from '../protocol/random.ts';
import { listDeclared } from '../upstream/declared.ts';
import { createCertificateSources } from './certificates.ts';
import { makeFirstKeys } from './first-keys.ts';
import { openConfiguredKeys } from './keys.ts';
import {
  createConfiguredForeignKeys,
  createConfiguredOutbox,
  openConfiguredStore,
  openConfiguredUpstream,
  openConfiguredUserinfo,
  type Terms,
} from './parts.ts';
import { createPolicy, toBases } from './policy.ts';
import { createFindClient } from './registered-clients.ts';
import { createConfiguredRegistration } from './registration.ts';
import { openConfiguredTokenHook } from './token-hook.ts';
import type { ResolvedUpstream } from './upstream-options.ts';
import { createConfiguredWorkloads } from './workloads.ts';

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
  const { deps, keys, drain, close } = await openDomain(first, () => snapshot, urls, terms);
  // Nobody waits: an RSA key takes a while, and a token that needs one before it is there waits itself.
  const makeKeys = () =>
    void keys.usable.then(() => makeFirstKeys(keys, snapshot.clients.values(), config, terms.log));
  makeKeys();
  const issuer = createIssuer(deps);
  const http: HttpDeps = {
    issuerUrl: config.issuer,
    bases: deps.bases,
    issuer: () => issuer,
    upstream: () => upstream,
    allowedHosts: isDev ? loopbackHosts(config) : [],
    strictHost: isDev,
    log: terms.log,
    audit: deps.audit,
    random: terms.random,
    certificates: createCertificateSources(config, () => snapshot),
    admin,
  };
  const table = buildTable(config.issuer, 'all');
  const operator = { admin, declared, issuerUrl: config.issuer, table };
  const isReady = async (): Promise<readonly Readiness[]> => [
    { name: 'store', ready: await answers(deps.store.ping()) },
    { name: 'keys', ready: keys.publicKeys().length > 0 },
  ];
  return {
    publicApp: (group) => createPublicApp(http, group),
    adminApp: (draining) => createAdminApp({ ready: isReady, draining, log: terms.log, operator }),
    healthApp: (draining) => createAdminApp({ ready: isReady, draining, log: terms.log }),
    replace: (next) => {
      snapshot = next;
      makeKeys();
    },
    reloadKeys: () => keys.reload(),
    flush: drain,
    close,
  };
}

/** What the domain relies on. @param snapshot that of the moment. */
async function openDomain(
  first: Snapshot,
  snapshot: () => Snapshot,
  urls: ResolvedUpstream['urls'],
  terms: Surroundings,
) {
  const { config } = first;
  const isDev = terms.mode === 'dev';
  const keys = await openConfiguredKeys(first, snapshot, terms);
  const [store, userinfo] = await Promise.all([
    openConfiguredStore(first, terms),
    openConfiguredUserinfo(config, terms),
  ]);
  const outbox = createConfiguredOutbox(config, isDev, terms.random);
  const deps: Deps = {
    issuer: config.issuer,
    bases: toBases(config),
    pairwiseSalt: first.pairwiseSalt,
    store,
    keys,
    foreignKeys: createConfiguredForeignKeys(config, isDev, terms),
    userinfo,
    tokenHook: await openConfiguredTokenHook(config, snapshot, terms),
    workloads: createConfiguredWorkloads(config, () => snapshot().workloadFiles, terms),
    registration: createConfiguredRegistration(config, first.clientTerms, snapshot, isDev),
    audit: createLogAudit(terms.log),
    outbox: outbox.enqueue,
    now: terms.now,
    random: terms.random,
    findClient: createFindClient({
      config,
      clientTerms: first.clientTerms,
      snapshot,
      store,
      keys,
      log: terms.log,
    }),
    policy: createPolicy(config, urls, isDev ? userinfo.listUsers : undefined, snapshot),
  };
  const close = async (): Promise<void> => {
    await Promise.all([store.close(), keys.close(), userinfo.close()]);
  };
  return { deps, keys, drain: outbox.drain, close };
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
