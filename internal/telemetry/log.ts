// What happened, for people who run the issuer: one event is one line of JSON, whatever a stranger
// put into it. Owns redaction and truncation; never sees a query, a body or a token on purpose.

import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import { spellUnseen } from '../protocol/unseen.ts';

/** Flat on purpose: what is nested would escape redaction and truncation. */
export type LogFields = {
  readonly [name: string]: string | number | boolean | readonly string[] | Error | undefined;
};

type Write = (fields: LogFields, message: string) => void;

/** Messages are constants; facts go into the fields. */
export type Log = {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export type LogOptions = {
  readonly level: LogLevel;
  /** `json` for machines; `text` for a terminal. */
  readonly format: 'json' | 'text';
  /** Where lines go; standard output unless a test says otherwise. */
  readonly destination?: DestinationStream;
  /** Of several processes that write lines to one output: stands in each line. */
  readonly worker?: number | undefined;
  /** Stands in each line about a request that is under way; absent where nothing is traced. */
  readonly traceOf?: ((requestId: string) => string | undefined) | undefined;
};

/** The log, and what a reload and a stop have to do with it. */
export type AdjustableLog = Log & {
  setLevel(level: LogLevel): void;
};

/** Values under these names never reach a line, however they got into the fields. */
export const REDACTED_FIELDS: ReadonlySet<string> = new Set([
  'access_token',
  'actor_token',
  'assertion',
  'authorization',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'cookie',
  'handle',
  'id_token',
  'id_token_hint',
  'password',
  'private_key',
  'refresh_token',
  'request_uri',
  'secret',
  'set-cookie',
  'state',
  'subject_token',
  'token',
]);

const REDACTED = '[redacted]';
const MAX_VALUE = 512;
const MAX_STACK = 4096;
const MAX_CAUSES = 4;
/** Bytes kept for a reader that does not read; lines past it are lost, requests are not. */
const MAX_WAITING = 8 * 1024 * 1024;
/** Up to so many bytes, lines of several processes never mix in one pipe (pipe(7)). */
const PIPE_BUF = 4096;

/** A log that writes lines of the given level and above; `level` can change while it runs. */
export function createLog(options: LogOptions): AdjustableLog {
  const { level, format, worker, traceOf, destination: target } = options;
  const whole = worker === undefined ? {} : { maxWrite: PIPE_BUF };
  const lines = target ?? openOutput(whole);
  const logger = pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      timestamp: createTimestamp(),
      formatters: { level: named },
    },
    // The whole line: whatever wrote into it is JSON by then, and stays the same JSON.
    { write: (line) => lines.write(spellUnseen(format === 'json' ? line : toText(line))) },
  );
  const writer =
    (name: Exclude<LogLevel, 'silent'>): Write =>
    (fields, message) => {
      if (logger.isLevelEnabled(name)) logger[name](traced(clean(fields), traceOf), message);
    };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    setLevel: (next) => {
      logger.level = next;
    },
  };
}

/**
 * Standard output may be a file on a disk that is full: its lines wait for room, and past the bound are
 * lost. Without somebody who listens, the first error would end the process; and at its end the last
 * lines would be tried again for ever, by a process that is over and answers nobody.
 */
function openOutput(whole: { readonly maxWrite?: number }): DestinationStream {
  const output = destination({ fd: 1, sync: false, maxLength: MAX_WAITING, ...whole });
  let isFailing = false;
  output.on('error', () => {
    isFailing = true;
  });
  output.on('write', () => {
    isFailing = false;
  });
  const flush = output.flushSync.bind(output);
  output.flushSync = () => {
    if (!isFailing) flush();
  };
  return output;
}

const named = (level: string) => ({ level });

const { epochTime, isoTime } = stdTimeFunctions;

/** Lines of one millisecond share their time: to print it costs as much as the rest of a line. */
function createTimestamp(): () => string {
  let last = '';
  let text = '';
  return () => {
    const now = epochTime();
    if (now !== last) {
      last = now;
      text = isoTime();
    }
    return text;
  };
}

type Clean = string | number | boolean | readonly string[];

function clean(fields: LogFields): Record<string, Clean> {
  const result: Record<string, Clean> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    if (REDACTED_FIELDS.has(name)) result[name] = REDACTED;
    else if (typeof value === 'string') result[name] = clip(value, MAX_VALUE);
    else if (typeof value === 'number' || typeof value === 'boolean') result[name] = value;
    else if (value instanceof Error) result[name] = clip(describe(value), MAX_STACK);
    else result[name] = value.slice(0, 32).map((item) => clip(item, MAX_VALUE));
  }
  return result;
}

/** Whoever writes a line knows the request by its id, and need not know of traces. */
function traced(fields: Record<string, Clean>, traceOf: LogOptions['traceOf']) {
  const requestId = fields['request_id'];
  if (traceOf === undefined || typeof requestId !== 'string') return fields;
  const trace_id = traceOf(requestId);
  return trace_id === undefined ? fields : { ...fields, trace_id };
}

/** Only the stack and its causes: other members of an error may hold what a driver was sent. */
function describe(error: Error, depth = 0): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  if (!(error.cause instanceof Error) || depth === MAX_CAUSES) return own;
  return `${own}\ncaused by: ${describe(error.cause, depth + 1)}`;
}

const clip = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;

/** `12:00:00.000 warn identity.refused peer="10.0.0.1"`: values stay JSON, and so on one line. */
function toText(line: string): string {
  const { time, level, msg, ...fields }: Record<string, unknown> = JSON.parse(line);
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${String(time).slice(11, 23)} ${level} ${msg}${facts.join('')}\n`;
}
