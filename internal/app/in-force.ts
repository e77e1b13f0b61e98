// One configuration in force: what it says, and what was opened for it. Opened as a whole before anything
// of it counts, so that what cannot be opened leaves everything as it was.

import type { HttpDeps } from '../http/app.ts';
import { reportUnavailable } from '../http/unavailable.ts';
import type { Snapshot } from '../loader/load.ts';
import type { Deps } from '../oidc/deps.ts';
import { createIssuer } from '../oidc/issuer.ts';
import type { Limiter } from '../ratelimit/limits.ts';
import { type DeclaredName, listDeclared } from '../upstream/declared.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { OpenedUserinfo } from '../userinfo/open.ts';
import type { Between, Surroundings } from './assemble.ts';
import { createBrand } from './brand.ts';
import { createCertificateSources } from './certificates.ts';
import { createHolding, type Holding, holdAll } from './holding.ts';
import { createKept, type Kept } from './kept.ts';
import type { Lasting } from './lasting.ts';
import {
  createConfiguredForeignKeys,
  openConfiguredUpstream,
  openConfiguredUserinfo,
  reportProblems,
} from './parts.ts';
import { createPolicy, toBases } from './policy.ts';
import { createKeptLimits } from './rate-limits.ts';
import { createFindClient } from './registered-clients.ts';
import { createConfiguredRegistration } from './registration.ts';
import type { StandIn } from './stand-in.ts';
import { openConfiguredTokenHook } from './token-hook.ts';
import { loopbackHosts } from './upstream-options.ts';
import { createConfiguredWorkloads } from './workloads.ts';

export type InForce = Pick<Holding, 'take' | 'end'> & {
  readonly snapshot: Snapshot;
  readonly deps: Deps;
  readonly http: HttpDeps;
  /** Its backends, one by one. */
  readonly backends: Pick<OpenedUserinfo, 'lookUp' | 'forget'>;
  /** Every header that the configuration of its upstream names. */
  readonly declared: readonly DeclaredName[];
};

export type Configurations = {
  /** Rejects with what keeps it from coming into force; then nothing has changed. */
  readonly open: (snapshot: Snapshot) => Promise<InForce>;
  /** Closes what any of them still holds. */
  readonly close: () => Promise<void>;
};

/** What is opened for a configuration, shared by those that agree on it. */
function createParts(lasting: Lasting, terms: Surroundings) {
  const isDev = terms.mode === 'dev';
  const { between } = terms;
  return {
    upstream: createKept({
      of: ({ config }) => config.upstream,
      open: ({ config }, latest) => openConfiguredUpstream(config, latest, isDev, terms),
    }),
    userinfo: createKept<OpenedUserinfo>({
      of: ({ config }) => config.userinfo,
      async open({ config }) {
        const backends = await openConfiguredUserinfo(config, lasting.store, terms);
        // Nobody waits for it: what is down at the moment may be up when the first End-User comes.
        void reportProblems(backends, terms);
        return between?.userinfo?.(backends) ?? backends;
      },
      close: (userinfo) => userinfo.close(),
    }),
    tokenHook: createKept({
      of: ({ config }) => [config.issuer, config.token_hook],
      open: ({ config }, latest) => openConfiguredTokenHook(config, latest, terms),
      close: (opened) => opened?.close(),
    }),
    workloads: createKept({
      of: ({ config: { issuer, kubernetes, spiffe } }) => [issuer, kubernetes, spiffe],
      open: ({ config }, latest) =>
        createConfiguredWorkloads(config, () => latest().workloadFiles, terms),
    }),
    foreignKeys: createKept({
      of: ({ config }) => config.outbound,
      open: ({ config }) => createConfiguredForeignKeys(config, isDev, terms),
    }),
    limits: createKeptLimits({
      ...{ store: lasting.store, audit: lasting.audit, onRefused: lasting.telemetry.rateLimited },
      ...{ now: terms.now, random: terms.random },
    }),
  };
}

export function createConfigurations(lasting: Lasting, terms: Surroundings): Configurations {
  const parts = createParts(lasting, { ...terms, telemetry: lasting.telemetry });
  const onProblem = (error: unknown): void =>
    terms.log.error(
      { error: error instanceof Error ? error : undefined },
      'a part of a configuration that is over was not closed',
    );
  return {
    async open(snapshot) {
      const held = await holdAll([
        parts.upstream.hold(snapshot),
        parts.userinfo.hold(snapshot),
        parts.tokenHook.hold(snapshot),
        parts.workloads.hold(snapshot),
        parts.foreignKeys.hold(snapshot),
        parts.limits.hold(snapshot),
      ]);
      const holding = createHolding(held, onProblem);
      try {
        const [upstream, userinfo, tokenHook, workloads, foreignKeys, limits] = held;
        const opened = {
          upstream: upstream.part,
          userinfo: userinfo.part,
          tokenHook: tokenHook.part?.ask,
          workloads: workloads.part,
          foreignKeys: foreignKeys.part,
          limits: limits.part,
        };
        return await assembleParts(snapshot, opened, { lasting, holding, terms });
      } catch (error) {
        holding.end();
        throw error;
      }
    },
    close: async () => {
      const all: readonly Pick<Kept<unknown>, 'close'>[] = Object.values(parts);
      await Promise.all(all.map((kept) => kept.close()));
    },
  };
}

type Opened = Pick<Deps, 'tokenHook' | 'workloads' | 'foreignKeys'> & {
  readonly upstream: Awaited<ReturnType<typeof openConfiguredUpstream>>;
  readonly userinfo: OpenedUserinfo;
  readonly limits: Limiter | undefined;
};

type Whole = {
  readonly lasting: Lasting;
  readonly holding: Holding;
  readonly terms: Surroundings;
};

/** Throws `AssemblyError` for what contradicts itself. */
async function assembleParts(snapshot: Snapshot, opened: Opened, whole: Whole): Promise<InForce> {
  const { config } = snapshot;
  const { lasting, holding, terms } = whole;
  const { mode, between, log, random } = terms;
  const isDev = mode === 'dev';
  // Loaded where it is wanted: nobody but a developer meets it.
  const standIn = isDev
    ? (await import('./stand-in.ts')).createStandIn(config, {
        ...{ keys: lasting.keys, userinfo: opened.userinfo, now: terms.now },
        decorate: between?.choice,
      })
    : undefined;
  const upstream = decorateUpstream(opened.upstream.upstream, between, standIn);
  const deps = toDeps(snapshot, opened, standIn, whole);
  const own = createIssuer(deps, standIn?.choose(deps));
  const issuer = between?.issuer(own, deps) ?? own;
  const { audit, shedding, admin } = lasting;
  const current = () => snapshot;
  const http: HttpDeps = {
    hold: holding.hold,
    issuerUrl: config.issuer,
    bases: deps.bases,
    issuer: () => issuer,
    upstream: () => upstream,
    allowedHosts: isDev ? loopbackHosts(config) : [],
    strictHost: isDev,
    shedding,
    maxConnections: config.limits.connections,
    brand: createBrand(current),
    certificates: createCertificateSources(config, current),
    limits: opened.limits,
    ...{ log, audit, random, admin },
    ...lasting.telemetry.watching,
  };
  const declared = listDeclared(opened.upstream.options);
  const backends = opened.userinfo;
  return { snapshot, deps, http, declared, backends, take: holding.take, end: holding.end };
}

/** What the domain relies on: who the clients are and what is asked of them never changes under a request. */
function toDeps(
  snapshot: Snapshot,
  { upstream, userinfo, tokenHook, workloads, foreignKeys }: Opened,
  standIn: StandIn | undefined,
  { lasting, terms }: Whole,
): Deps {
  const { config, clientTerms } = snapshot;
  const { mode, between, log, now, random } = terms;
  const { store, keys, ring, audit, outbox } = lasting;
  const current = () => snapshot;
  const known = standIn?.userinfo ?? userinfo;
  return {
    issuer: config.issuer,
    bases: toBases(config),
    pairwiseSalt: snapshot.pairwiseSalt,
    userinfo: between?.known?.(known) ?? known,
    registration: createConfiguredRegistration(config, clientTerms, current, mode === 'dev', {
      telemetry: lasting.telemetry,
    }),
    findClient: createFindClient({ config, clientTerms, snapshot: current, store, keys, log }),
    policy: createPolicy(config, standIn?.urls ?? upstream.urls, current),
    outbox: outbox.enqueue,
    onUnavailable: (problem, requestId) =>
      reportUnavailable(log, problem, { request_id: requestId, route: 'authorize' }),
    keys: ring,
    ...{ store, foreignKeys, tokenHook, workloads, audit, now, random },
  };
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
