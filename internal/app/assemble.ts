// Everything is assembled here, and nothing else is hidden anywhere: the parts opened from one
// configuration, the domain over them, HTTP over the domain. The only place where layers meet.

import { createAdmin } from '../admin/admin.ts';
import type { Control } from '../admin/control.ts';
import { createOperations } from '../admin/operations.ts';
import { createLogAudit } from '../audit/audit.ts';
import type { Audit } from '../audit/events.ts';
import type { ChoiceCookie } from '../chooser/choice.ts';
import type { Config } from '../config/config.ts';
import { type AdminDeps, createAdminApp, type Readiness } from '../http/admin.ts';
import { createPublicApp, type HttpApp, type HttpDeps } from '../http/app.ts';
import { buildTable, type ListenerGroup } from '../http/routes.ts';
import type { KeyRing } from '../keys/keys.ts';
import type { OpenKeys } from '../keys/open.ts';
import type { Snapshot } from '../loader/load.ts';
import type { Deps } from '../oidc/deps.ts';
import { createIssuer, type Issuer } from '../oidc/issuer.ts';
import type { Random } from '../protocol/random.ts';
import { createUnderway, type Underway } from '../telemetry/underway.ts';
import { listDeclared } from '../upstream/declared.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Userinfo } from '../userinfo/backend.ts';
import type { OpenedUserinfo } from '../userinfo/open.ts';
import { createBrand } from './brand.ts';
import { createCertificateSources } from './certificates.ts';
import { markTokens } from './dev-tokens.ts';
import { makeFirstKeys } from './first-keys.ts';
import { openConfiguredKeys } from './keys.ts';
import { answerOthers, type Others, type Question, readyTogether, toAskOthers } from './others.ts';
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
import { createConfiguredShedding } from './shedding.ts';
import type { StandIn } from './stand-in.ts';
import { openConfiguredTokenHook } from './token-hook.ts';
import type { ResolvedUpstream } from './upstream-options.ts';
import { createConfiguredWorkloads } from './workloads.ts';

export type Mode = 'serve' | 'dev';

export type Surroundings = Terms & {
  readonly mode: Mode;
  readonly random: Random;
  /** Shared with the log, which says of a line where its request came from; absent: nobody shares it. */
  readonly underway?: Underway;
  /** The configuration in force is not what the files say. */
  readonly isOutdated: () => boolean;
  /** Absent: this process is the whole issuer. */
  readonly others?: Others;
  /** What stands between the domain and those who rely on it, in tests of clients; absent: nothing does. */
  readonly between?: Between;
  /** What programs may do to a test issuer from outside, at the operator's listener; absent: this is none. */
  readonly control?: Control;
};

/** An issuer that misbehaves as it was told to: no configuration can name one. */
export type Between = {
  /** @param deps what the domain relies on while this configuration is in force. */
  readonly issuer: (issuer: Issuer, deps: Deps) => Issuer;
  readonly keys: (keys: OpenKeys) => KeyRing;
  /** @param upstream what headers say, and else whom somebody chose to be. */
  readonly upstream?: (upstream: Upstream) => Upstream;
  readonly choice?: (cookie: ChoiceCookie) => ChoiceCookie;
  readonly userinfo?: (userinfo: OpenedUserinfo) => OpenedUserinfo;
  /** @param userinfo what the domain is told of End-Users, by the chooser as well. */
  readonly known?: (userinfo: Userinfo) => Userinfo;
  readonly audit?: (audit: Audit) => Audit;
  readonly publicApp?: (app: HttpApp) => HttpApp;
  /** Told once, before anybody listens. */
  readonly assembled?: (asteroid: Asteroid) => void;
};

/** An issuer that is ready to be listened for. */
export type Asteroid = {
  readonly publicApp: (group: ListenerGroup) => HttpApp;
  /** What an operator may do, and what probes ask. */
  readonly adminApp: (draining: AdminDeps['draining']) => HttpApp;
  /** What probes ask, and nothing else. */
  readonly healthApp: (draining: AdminDeps['draining']) => HttpApp;
  /** Clients and secrets of the snapshot count from the next request on, and for no request before it. */
  readonly replace: (snapshot: Snapshot) => void;
  readonly reloadKeys: () => Promise<void>;
  /** What another process of this issuer asks. */
  readonly answer: (question: Question) => Promise<unknown>;
  /** What is still to be sent is sent, or given up when the time is over. */
  readonly flush: (milliseconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Throws `AssemblyError` or `KeyConfigError` for what only an operator can put right. */
export async function assemble(first: Snapshot, terms: Surroundings): Promise<Asteroid> {
  let snapshot = first;
  const { config } = first;
  const isDev = terms.mode === 'dev';
  const currently = () => snapshot;
  const opened = await openConfiguredUpstream(config, currently, isDev, terms);
  const { options, urls } = opened;
  const declared = listDeclared(options);
  const { others, isOutdated } = terms;
  const { now, random, underway = createUnderway() } = terms;
  const admin = createAdmin({ now, random, declared, identityKey: others?.identityKey });
  const domain = await openDomain(first, currently, urls, terms);
  const { depsFor, keys, standIn, drain, close } = domain;
  const upstream = decorateUpstream(opened.upstream, terms.between, standIn);
  const deps = depsFor(first);
  // Nobody waits: an RSA key takes a while, and a token that needs one before it is there waits itself.
  const makeKeys = () =>
    void keys.usable.then(() => makeFirstKeys(keys, snapshot.clients.values(), config, terms.log));
  makeKeys();
  // One for each configuration: a request ends with that with which it began.
  const create = (current: Deps): Issuer => {
    const issuer = createIssuer(current, standIn?.choose(current));
    return terms.between?.issuer(issuer, current) ?? issuer;
  };
  let issuer = create(deps);
  const http: HttpDeps = {
    issuerUrl: config.issuer,
    bases: deps.bases,
    issuer: () => issuer,
    upstream: () => upstream,
    allowedHosts: isDev ? loopbackHosts(config) : [],
    strictHost: isDev,
    ...createConfiguredShedding(config, terms.log),
    log: terms.log,
    audit: deps.audit,
    random: terms.random,
    underway,
    brand: createBrand(() => snapshot),
    certificates: createCertificateSources(config, currently),
    admin,
  };
  const table = buildTable(config.issuer, 'all');
  const operations = createOperations(admin, toAskOthers(others));
  const { control } = terms;
  const operator = { operations, declared, issuerUrl: config.issuer, table, control };
  const isStoreReady = whileUnderWay(() => answers(deps.store.ping()));
  const isReady = async (): Promise<readonly Readiness[]> => [
    { name: 'store', ready: await isStoreReady() },
    { name: 'keys', ready: keys.publicKeys().length > 0 },
  ];
  const probed = { ready: () => readyTogether(isReady, others), isOutdated, log: terms.log };
  const asteroid: Asteroid = {
    publicApp: (group) => {
      const app = createPublicApp(http, group);
      return terms.between?.publicApp?.(app) ?? app;
    },
    adminApp: (draining) => createAdminApp({ ...probed, draining, operator }),
    healthApp: (draining) => createAdminApp({ ...probed, draining }),
    replace: (next) => {
      snapshot = next;
      issuer = create(depsFor(next));
      makeKeys();
    },
    answer: (question) => answerOthers(question, isReady, admin),
    reloadKeys: () => keys.reload(),
    flush: drain,
    close,
  };
  terms.between?.assembled?.(asteroid);
  return asteroid;
}

/** A choice counts where no proxy says who it is; a test says which choices count. */
function decorateUpstream(
  upstream: Upstream,
  between: Between | undefined,
  standIn: StandIn | undefined,
): Upstream {
  const chosen = standIn?.upstream(upstream) ?? upstream;
  return between?.upstream?.(chosen) ?? chosen;
}

/**
 * What the domain relies on, for each configuration that comes into force: who the clients are and what
 * is asked of them never changes under a request.
 *
 * @param snapshot that of the moment, for what outlives a configuration.
 */
async function openDomain(
  first: Snapshot,
  snapshot: () => Snapshot,
  urls: ResolvedUpstream['urls'],
  terms: Surroundings,
) {
  const { config } = first;
  const isDev = terms.mode === 'dev';
  const { between } = terms;
  const openedKeys = await openConfiguredKeys(first, snapshot, terms);
  const keys = isDev ? markTokens(openedKeys) : openedKeys;
  const [store, backends] = await Promise.all([
    openConfiguredStore(first, terms),
    openConfiguredUserinfo(config, terms),
  ]);
  const userinfo = between?.userinfo?.(backends) ?? backends;
  const audit = createLogAudit(terms.log);
  // Loaded where it is wanted: nobody but a developer meets it.
  const standIn = isDev
    ? (await import('./stand-in.ts')).createStandIn(config, {
        ...{ keys, userinfo, now: terms.now },
        decorate: between?.choice,
      })
    : undefined;
  const known = standIn?.userinfo ?? userinfo;
  const outbox = createConfiguredOutbox(config, isDev, terms.random);
  const shared = {
    issuer: config.issuer,
    bases: toBases(config),
    pairwiseSalt: first.pairwiseSalt,
    store,
    keys: between?.keys(keys) ?? keys,
    foreignKeys: createConfiguredForeignKeys(config, isDev, terms),
    userinfo: between?.known?.(known) ?? known,
    tokenHook: await openConfiguredTokenHook(config, snapshot, terms),
    workloads: createConfiguredWorkloads(config, () => snapshot().workloadFiles, terms),
    audit: between?.audit?.(audit) ?? audit,
    outbox: outbox.enqueue,
    now: terms.now,
    random: terms.random,
  };
  const depsFor = (current: Snapshot): Deps => {
    const fixed = () => current;
    const { clientTerms } = first;
    const { log } = terms;
    return {
      ...shared,
      registration: createConfiguredRegistration(config, clientTerms, fixed, isDev),
      findClient: createFindClient({ config, clientTerms, snapshot: fixed, store, keys, log }),
      policy: createPolicy(config, standIn?.urls ?? urls, fixed),
    };
  };
  const close = async (): Promise<void> => {
    await Promise.all([store.close(), keys.close(), userinfo.close()]);
  };
  return { depsFor, keys, standIn, drain: outbox.drain, close };
}

// On one's own machine all of these are the same thing, and people type any of them.
function loopbackHosts({ issuer }: Config): readonly string[] {
  const { port } = new URL(issuer);
  const suffix = port === '' ? '' : `:${port}`;
  return ['localhost', '127.0.0.1', '[::1]'].map((host) => `${host}${suffix}`);
}

// A probe costs the store several commands at each primary: a flood of probes must not be one of those.
function whileUnderWay<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: Promise<Answer> | undefined;
  return () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

const answers = async (question: Promise<void>): Promise<boolean> => {
  try {
    await question;
    return true;
  } catch {
    return false;
  }
};
