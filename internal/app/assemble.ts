// Everything is assembled here, and nothing else is hidden anywhere: the parts opened from one
// configuration, the domain over them, HTTP over the domain. The only place where layers meet.

import { createAdmin } from '../admin/admin.ts';
import { createLogAudit } from '../audit/audit.ts';
import type { Config } from '../config/config.ts';
import { toLifetimes } from '../config/sections/lifetimes.ts';
import { type AdminDeps, createAdminApp, type Readiness } from '../http/admin.ts';
import { createPublicApp, type HttpApp, type HttpDeps } from '../http/app.ts';
import { buildTable, type ListenerGroup } from '../http/routes.ts';
import type { Snapshot } from '../loader/load.ts';
import { createIssuer } from '../oidc/issuer.ts';
import type { EndpointBases } from '../oidc/paths.ts';
import type { ChoosableUser, Policy } from '../oidc/policy.ts';
import { anyAddress, createAddressRule } from '../outbound/addresses.ts';
import { createOutbound } from '../outbound/client.ts';
import { createQueue } from '../outbound/queue.ts';
import type { Lifetimes } from '../protocol/client.ts';
import type { Random } from '../protocol/random.ts';
import { listDeclared } from '../upstream/declared.ts';
import { openUpstream } from '../upstream/open.ts';
import {
  openConfiguredKeys,
  openConfiguredStore,
  openConfiguredUserinfo,
  type Terms,
} from './parts.ts';
import { type ResolvedUpstream, resolveUpstream } from './upstream-options.ts';

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
  const resolved = resolveUpstream(config.upstream, {
    secrets: () => snapshot.upstreamSecrets,
    assertionKeys: () => snapshot.assertionKeys ?? '',
    trustsLoopback: terms.mode === 'dev',
  });
  const upstream = await openUpstream(resolved.options, {
    now: terms.now,
    outbound: createOutbound(anyAddress),
    onProblem: (problem) => terms.log.error({ error: problem }, 'keys of before go on counting'),
  });
  const declared = listDeclared(resolved.options);
  const admin = createAdmin({ now: terms.now, random: terms.random, declared });
  const keys = await openConfiguredKeys(config, () => snapshot.clients, terms);
  const [store, userinfo] = await Promise.all([
    openConfiguredStore(first, terms),
    openConfiguredUserinfo(config, terms),
  ]);
  const audit = createLogAudit(terms.log);
  const chooser = terms.mode === 'dev' ? userinfo.listUsers : undefined;
  const policy = toPolicy(config, resolved.urls, chooser);
  const bases = toBases(config);
  const outbox = createQueue({
    send: createOutbound(createAddressRule(reachable(config, terms.mode))),
    random: terms.random,
  });
  const issuer = createIssuer({
    issuer: config.issuer,
    bases,
    pairwiseSalt: first.pairwiseSalt,
    store,
    keys,
    userinfo,
    audit,
    outbox: outbox.enqueue,
    now: terms.now,
    random: terms.random,
    findClient: (clientId) => snapshot.clients.get(clientId),
    policy: () => policy,
  });
  const http: HttpDeps = {
    issuerUrl: config.issuer,
    bases,
    issuer: () => issuer,
    upstream: () => upstream,
    allowedHosts: terms.mode === 'dev' ? loopbackHosts(config) : [],
    strictHost: terms.mode === 'dev',
    log: terms.log,
    audit,
    random: terms.random,
    admin,
  };
  const operator = {
    admin,
    declared,
    issuerUrl: config.issuer,
    table: buildTable(config.issuer, 'all'),
  };
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

/** One issuer, whatever way leads to it. */
const toBases = ({ issuer, endpoints }: Config): EndpointBases => ({
  browser: endpoints?.browser_base ?? issuer,
  back: endpoints?.backchannel_base ?? issuer,
});

function toPolicy(
  config: Config,
  urls: ResolvedUpstream['urls'],
  chooser: (() => Promise<readonly ChoosableUser[]>) | undefined,
): Policy {
  return {
    lifetimes: toLifetimes(config.lifetimes) as Lifetimes,
    requireState: config.policy.require_state,
    metadataMaxAge: config.policy.metadata_max_age,
    loginUrl: urls.loginUrl,
    logoutUrl: urls.logoutUrl,
    reauthenticateUrl: urls.reauthenticateUrl,
    acrValuesSupported: config.policy.acr_values_supported,
    sessionLifetime: config.lifetimes.session,
    revokesOfflineAccess: config.policy.revoke_offline_access_on_sign_out,
    serviceDocumentation: config.policy.service_documentation,
    chooser,
  };
}

/** On one's own machine, clients are there too. */
const reachable = ({ outbound }: Config, mode: Mode): readonly string[] =>
  mode === 'dev' ? [...outbound.allow_private, '127.0.0.0/8', '::1/128'] : outbound.allow_private;

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
