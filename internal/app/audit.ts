// From the words of asteroid.yaml to the audit trail, and from what its sinks report to the log.

import { type OpenTrail, openAuditTrail } from '../audit/open.ts';
import type { SinkOptions, SyslogAddress } from '../audit/options.ts';
import type { SinkEvent } from '../audit/sink.ts';
import type { Config } from '../config/config.ts';
import type { Snapshot } from '../loader/load.ts';
import { createAddressRule } from '../outbound/addresses.ts';
import { createOutbound } from '../outbound/client.ts';
import { openEventStream } from '../store/open.ts';
import type { Log } from '../telemetry/log.ts';
import type { Underway } from '../telemetry/underway.ts';
import type { Surroundings } from './assemble.ts';
import { toMilliseconds } from './clock.ts';
import { toRedisOptions } from './redis-options.ts';
import { LOOPBACK } from './upstream-options.ts';

type Settings = NonNullable<Config['audit']>;
type Sink = Settings['sinks'][number];
type Sources = {
  readonly snapshot: Snapshot;
  readonly latest: () => Snapshot;
  readonly terms: Terms;
};
type Terms = Pick<Surroundings, 'log' | 'now' | 'random' | 'mode' | 'worker'> & {
  readonly underway: Pick<Underway, 'find'>;
  /** Absent: nothing is measured. */
  readonly countLost?: ((sink: string, count: number) => void) | undefined;
};

const DEFAULTS: Settings = { sinks: [{ type: 'stdout' }], remember: 1000 };

/** Of what the sinks of a configuration that is over still have. */
const REPLACE_MS = 5000;

export type ConfiguredTrail = OpenTrail & {
  /** Sinks are those of this one from here on, where it says others than before. */
  follow(snapshot: Snapshot): void;
};

/** @param latest that of the moment: a rotated secret counts from the next batch on. */
export async function openConfiguredTrail(
  first: Snapshot,
  latest: () => Snapshot,
  terms: Terms,
): Promise<ConfiguredTrail> {
  const { log, random, worker, underway } = terms;
  const toSinks = (snapshot: Snapshot) =>
    settingsOf(snapshot).sinks.map((sink) => toOptions(sink, { snapshot, latest, terms }));
  const trail = await openAuditTrail(toSinks(first), {
    ...{ log, random, worker },
    now: toMilliseconds(terms.now),
    findOrigin: underway.find,
    remembered: settingsOf(first).remember,
    report: (event) => reportSinkEvent(event, log),
    countLost: terms.countLost ?? (() => undefined),
  });
  let turn: Promise<void> = Promise.resolve();
  return {
    ...trail,
    follow(next) {
      trail.remember(settingsOf(next).remember);
      turn = turn
        .then(() => trail.replace(toSinks(next), REPLACE_MS))
        .catch((error: unknown) => {
          const facts = { error: error instanceof Error ? error : undefined };
          log.error(facts, 'the sinks of before stay in use');
        });
    },
  };
}

const settingsOf = ({ config }: Snapshot): Settings => config.audit ?? DEFAULTS;

/** What a sink is opened by; secrets are asked for each time. */
function madeOf(sink: Sink, { config, redis, auditFiles }: Snapshot): unknown {
  if (sink.type !== 'redis') return sink;
  const url = sink.url_file === undefined ? undefined : auditFiles.get(sink.url_file);
  const isOfStore = sink.url === undefined && url === undefined;
  return { sink, url, store: isOfStore ? [config.store, redis] : undefined };
}

type Unmarked = SinkOptions extends infer Options
  ? Options extends SinkOptions
    ? Omit<Options, 'madeOf'>
    : never
  : never;

const READERS: {
  readonly [Type in Sink['type']]: (
    sink: Extract<Sink, { readonly type: Type }>,
    sources: Sources,
  ) => Unmarked;
} = {
  stdout: ({ type, types }) => ({ type, types, maxWaiting: 0 }),
  file: ({ type, types, max_waiting: maxWaiting, path }) => ({ type, types, maxWaiting, path }),
  redis: (sink, { snapshot }) => {
    const { type, types, max_waiting: maxWaiting, max_length: maxLength } = sink;
    const options = toStreamOptions(sink, snapshot);
    return { type, types, maxWaiting, open: () => openEventStream(options, maxLength) };
  },
  syslog: (sink, sources) => {
    const { type, types, max_waiting: maxWaiting, facility, app_name: appName } = sink;
    const address = toAddress(sink, createRead(sources));
    return { type, types, maxWaiting, facility, appName, address };
  },
  webhook: (sink, sources) => {
    const { type, types, max_waiting: maxWaiting, url, timeout, allow_private: allowed } = sink;
    const local = sources.terms.mode === 'dev' ? LOOPBACK : [];
    const rule = createAddressRule([...allowed, ...local]);
    const outbound = createOutbound(rule, { keepAlive: true });
    const read = createRead(sources);
    const secrets = () => sink.secret_files.map((file) => toSecret(read(file) ?? ''));
    return { type, types, maxWaiting, url, timeout, secrets, outbound };
  },
};

type Read = (file: string) => string | undefined;

/** What a file says at the moment, or said: a sink that is on its way out may still have something to send. */
const createRead =
  ({ snapshot, latest }: Sources): Read =>
  (file) =>
    latest().auditFiles.get(file) ?? snapshot.auditFiles.get(file);

// The table's entry for a type takes the sink of that type.
const toOptions = (sink: Sink, sources: Sources): SinkOptions => ({
  ...(READERS[sink.type] as (sink: Sink, sources: Sources) => Unmarked)(sink, sources),
  madeOf: madeOf(sink, sources.snapshot),
});

function toStreamOptions(
  { url, url_file: file }: Extract<Sink, { readonly type: 'redis' }>,
  { config, redis, auditFiles }: Snapshot,
) {
  const own = file === undefined ? url : auditFiles.get(file);
  if (own !== undefined) return { url: own, issuer: config.issuer, maxPending: 0 };
  if (redis === undefined) throw new Error('an audit sink of the type redis has no Redis');
  return toRedisOptions(config, redis);
}

function toAddress(
  {
    transport,
    host = '',
    port,
    path = '/dev/log',
    tls,
  }: Extract<Sink, { readonly type: 'syslog' }>,
  readFile: Read,
): SyslogAddress {
  switch (transport) {
    case 'unix':
      return { transport, path };
    case 'tls': {
      const read = (file: string | undefined) => (file === undefined ? undefined : readFile(file));
      return {
        ...{ transport, host, port: port ?? 6514 },
        tls: () => ({
          ca: read(tls?.ca_file),
          cert: read(tls?.cert_file),
          key: read(tls?.key_file),
          servername: tls?.servername,
        }),
      };
    }
    default:
      return { transport, host, port: port ?? 514 };
  }
}

/** As Standard Webhooks writes it, or as it is. */
const toSecret = (text: string): Uint8Array =>
  text.startsWith('whsec_')
    ? Buffer.from(text.slice('whsec_'.length), 'base64')
    : Buffer.from(text);

function reportSinkEvent({ type, ...facts }: SinkEvent, log: Log): void {
  if (type === 'audit_sink.recovered') log.info(facts, type);
  else log.error(facts, type);
}
