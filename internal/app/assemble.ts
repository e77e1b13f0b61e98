// Everything is assembled here, and nothing else is hidden anywhere: the parts opened from one
// configuration, the domain over them, HTTP over the domain. The only place where layers meet.

import type { Control } from '../admin/control.ts';
import { createOperations } from '../admin/operations.ts';
import type { Audit } from '../audit/events.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { ChoiceCookie } from '../chooser/choice.ts';
import { type AdminDeps, createAdminApp } from '../http/admin.ts';
import { createPublicApp, type HttpApp } from '../http/app.ts';
import { buildTable, type ListenerGroup } from '../http/routes.ts';
import type { KeyRing } from '../keys/keys.ts';
import type { OpenKeys } from '../keys/open.ts';
import type { Snapshot } from '../loader/load.ts';
import type { Deps } from '../oidc/deps.ts';
import type { Issuer } from '../oidc/issuer.ts';
import type { Random } from '../protocol/random.ts';
import type { Underway } from '../telemetry/underway.ts';
import type { DeclaredName } from '../upstream/declared.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Userinfo } from '../userinfo/backend.ts';
import type { OpenedUserinfo } from '../userinfo/open.ts';
import { createAdminApi } from './admin-api.ts';
import { queryTogether } from './audit-together.ts';
import { createConsole } from './console.ts';
import { makeFirstKeys } from './first-keys.ts';
import { createConfigurations } from './in-force.ts';
import { openLasting } from './lasting.ts';
import { createReloadCount, openMetrics } from './metrics.ts';
import { answerOthers, type Others, type Question, readyTogether, toAskOthers } from './others.ts';
import type { Terms } from './parts.ts';
import { createReadiness } from './readiness.ts';
import { createSuccession, type Prepared, type Succession } from './succession.ts';

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
  /** Reads the files of the configuration again, for whoever asks this process to. */
  readonly reload?: () => Promise<void>;
  /** Its number among others. */
  readonly worker?: number;
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
  /**
   * Opens what the snapshot says; nothing of it counts before it is taken. Rejects with what keeps it from
   * coming into force, and then everything is as it was.
   */
  readonly prepare: (snapshot: Snapshot) => Promise<Prepared>;
  /** At once: the snapshot counts from the next request on, and for no request before it. */
  readonly replace: (snapshot: Snapshot) => Promise<void>;
  readonly audit: Audit;
  /** Of all processes of this issuer, as far as they are asked. */
  readonly trail: Pick<AuditTrail, 'query' | 'reopen'>;
  readonly reloadKeys: () => Promise<void>;
  /** What another process of this issuer asks. */
  readonly answer: (question: Question) => Promise<unknown>;
  /** What is still to be sent is sent, or given up when the time is over. */
  readonly flush: (milliseconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Throws `AssemblyError` or `KeyConfigError` for what only an operator can put right. */
export async function assemble(first: Snapshot, terms: Surroundings): Promise<Asteroid> {
  let succession: Succession | undefined;
  const snapshot = (): Snapshot => succession?.current().snapshot ?? first;
  const declared = () => succession?.current().declared ?? NONE;
  const lasting = await openLasting({ first, snapshot, declared }, terms);
  const configurations = createConfigurations(lasting, terms);
  const { keys, admin, audit, trail } = lasting;
  const { others, isOutdated, log, control } = terms;
  const close = async (): Promise<void> => {
    await Promise.all([configurations.close(), lasting.close()]);
  };
  const opened = await configurations.open(first).catch(async (error) => {
    await close();
    throw error;
  });
  const reloads = createReloadCount(lasting.telemetry.numbers, terms.now);
  succession = createSuccession(opened, configurations.open, (taken) => {
    trail.follow(taken);
    const { clients, config } = taken;
    reloads();
    lasting.sampling.adjust();
    // Nobody waits: an RSA key takes a while, and a token that needs one before it is there waits itself.
    void keys.usable.then(() => makeFirstKeys(keys, clients.values(), config, log));
  });
  const { current, prepare } = succession;
  const isReady = createReadiness(lasting);
  const { telemetry } = lasting;
  const metrics = openMetrics({ ...terms, telemetry, snapshot, keys, isReady });
  const operations = createOperations(admin, toAskOthers(others));
  const api = createAdminApi({ current, lasting, isOutdated, isReady, terms });
  const operator = {
    operations,
    declared: () => current().declared,
    issuerUrl: first.config.issuer,
    table: buildTable(first.config.issuer, 'all'),
    control,
    api,
    console: createConsole({ current, lasting, operations, api, terms }),
  };
  const probed = {
    ready: () => readyTogether(isReady, others),
    ...{ isOutdated, log, metrics: metrics?.print },
  };
  const asteroid: Asteroid = {
    publicApp: (group) => {
      const app = createPublicApp(() => current().http, group);
      return terms.between?.publicApp?.(app) ?? app;
    },
    adminApp: (draining) => createAdminApp({ ...probed, draining, operator }),
    healthApp: (draining) => createAdminApp({ ...probed, draining }),
    prepare,
    replace: async (wanted) => (await prepare(wanted)).take(),
    audit,
    trail: { query: (query) => queryTogether(query, trail, others), reopen: trail.reopen },
    answer: (question) =>
      answerOthers(question, {
        ready: isReady,
        admin,
        trail,
        backends: current().backends,
        metrics: metrics?.read,
        reloadKeys: keys.reload,
        samples: lasting.sampling.read,
      }),
    reloadKeys: () => keys.reload(),
    flush: lasting.flush,
    close,
  };
  terms.between?.assembled?.(asteroid);
  return asteroid;
}

const NONE: readonly DeclaredName[] = [];
