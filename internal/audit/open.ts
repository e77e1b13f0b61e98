// The name of a sink in the configuration → the sink, loaded only then; and the trail over all of them.

import { isDeepStrictEqual } from 'node:util';
import { type AuditLog, createLogSink } from './audit.ts';
import type { AuditEvent } from './events.ts';
import type { SinkOptions } from './options.ts';
import { createRing } from './ring.ts';
import { reasonOf, type Sink, type SinkEvent, type SinkTerms } from './sink.ts';
import { createStamp, type StampTerms } from './stamp.ts';
import type { AuditPage, AuditQuery, AuditRecord, AuditTrail } from './trail.ts';

export type TrailTerms = StampTerms & {
  readonly log: AuditLog;
  readonly report: (event: SinkEvent) => void;
  readonly countLost: (sink: string, count: number) => void;
  /** How many records are kept for questions, where no sink can answer them. */
  readonly remembered: number;
};

type Opened = Sink & { readonly query?: (query: AuditQuery) => Promise<AuditPage> };

type OptionsOf<Type extends SinkOptions['type']> = Extract<SinkOptions, { readonly type: Type }>;

/** Adding a sink: its options in options.ts, and its line here. */
const SINKS: {
  readonly [Type in SinkOptions['type']]: (
    options: OptionsOf<Type>,
    terms: SinkTerms & Pick<TrailTerms, 'log' | 'now'>,
  ) => Promise<Opened>;
} = {
  stdout: async (_, { log }) => ({ write: createLogSink(log), ...NOTHING_WAITS }),
  file: async ({ path }, terms) => (await import('./sinks/file.ts')).createFileSink(path, terms),
  async redis({ open }, terms) {
    const { createStreamSink, queryStream } = await import('./sinks/stream.ts');
    const stream = await open();
    const query = (asked: AuditQuery) => queryStream(stream, asked);
    return { ...createStreamSink(stream, terms), query };
  },
  syslog: async (options, terms) =>
    (await import('./sinks/syslog.ts')).createSyslogSink(options, terms),
  async webhook(options, terms) {
    const { createWebhookSink } = await import('./sinks/webhook.ts');
    const now = () => Math.floor(terms.now() / 1000);
    return createWebhookSink({ ...options, now }, terms);
  },
};

const NOTHING_WAITS = { flush: async () => undefined, close: async () => undefined };

/** Whether a sink wants an event of this type, worked out once for each type. */
function createFilter(types: readonly string[] | undefined): (event: AuditEvent) => boolean {
  if (types === undefined) return () => true;
  const known = new Map<string, boolean>();
  return ({ type }) => {
    const found = known.get(type) ?? types.some((wanted) => isMeant(wanted, type));
    known.set(type, found);
    return found;
  };
}

const isMeant = (wanted: string, type: string): boolean =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;

type Reached = {
  readonly sink: Opened;
  readonly wants: (event: AuditEvent) => boolean;
  readonly options: SinkOptions;
};

async function openSink(options: SinkOptions, index: number, terms: TrailTerms): Promise<Reached> {
  const { type, types, maxWaiting } = options;
  const name = `${type} (audit.sinks[${index}])`;
  // The table's entry for a type takes the options of that type.
  const open = SINKS[type] as (options: SinkOptions, terms: object) => Promise<Opened>;
  // The first loss is then an increase of something.
  terms.countLost(name, 0);
  const sink = await open(options, { ...terms, name, maxWaiting });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= sink
      .close()
      .catch((error: unknown) =>
        terms.report({ type: 'audit_sink.failed', sink: name, reason: reasonOf(error) }),
      );
    return closing;
  };
  return { sink: { ...sink, close }, wants: createFilter(types), options };
}

/** A trail whose sinks can be other ones later. */
export type OpenTrail = AuditTrail & {
  /** Whether questions are answered for every process, and not just for this one. */
  isShared(): boolean;
  /**
   * Resolves once events go there. Those that are the same in the same place go on; what others of before have
   * is written behind it, within the time.
   */
  replace(sinks: readonly SinkOptions[], milliseconds: number): Promise<void>;
  /** So many records are kept for questions from here on. */
  remember(count: number): void;
};

/** Opens what the configuration names, and nothing else; a sink that does not answer yet is open too. */
export async function openAuditTrail(
  sinks: readonly SinkOptions[],
  terms: TrailTerms,
): Promise<OpenTrail> {
  const stamp = createStamp(terms);
  const ring = createRing(terms.remembered);
  let reached: readonly Reached[] = [];
  /** They get nothing any more, and may still have something. */
  const leaving = new Set<Reached>();
  const isOpen = (one: Reached | undefined, { madeOf }: SinkOptions): one is Reached =>
    one !== undefined && isDeepStrictEqual(one.options.madeOf, madeOf);
  const openAll = async (given: readonly SinkOptions[]): Promise<readonly Reached[]> => {
    const outcomes = await Promise.allSettled(
      given.map(async (options, index) => {
        const open = reached[index];
        return isOpen(open, options) ? open : openSink(options, index, terms);
      }),
    );
    const opened = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = outcomes.find((one) => one.status === 'rejected');
    if (failed === undefined) return opened;
    // Nothing will ever be written to these.
    await closeAll(opened.filter((one) => !reached.includes(one)));
    throw failed.reason;
  };
  reached = await openAll(sinks);
  const findQuery = () => reached.find(({ sink }) => sink.query !== undefined)?.sink.query;

  return {
    audit(event) {
      const record: AuditRecord = stamp(event);
      ring.add(record);
      for (const { sink, wants } of reached) if (wants(event)) sink.write(record);
    },
    async query(query) {
      const ask = findQuery();
      return ask === undefined ? ring.query(query) : ask(query);
    },
    isShared: () => findQuery() !== undefined,
    reopen() {
      for (const { sink } of reached) sink.reopen?.();
    },
    async replace(next, milliseconds) {
      const opened = await openAll(next);
      const before = reached.filter((one) => !opened.includes(one));
      for (const one of before) leaving.add(one);
      reached = opened;
      // Nobody waits: the next exchange may come meanwhile, and so may the end.
      void flushAll(before, milliseconds).then(async () => {
        await closeAll(before);
        for (const one of before) leaving.delete(one);
      });
    },
    remember: ring.resize,
    flush: (milliseconds) => flushAll([...reached, ...leaving], milliseconds),
    close: () => closeAll([...reached, ...leaving]),
  };
}

async function flushAll(all: readonly Reached[], milliseconds: number): Promise<void> {
  await Promise.all(all.map(({ sink }) => sink.flush(milliseconds)));
}

async function closeAll(all: readonly Reached[]): Promise<void> {
  await Promise.all(all.map(({ sink }) => sink.close()));
}
