// What happened, for people who run the issuer: one event is one line of JSON, whatever a stranger
// put into it. Owns redaction and truncation; never sees a query, a body or a token on purpose.

import { type DestinationStream, destination, stdTimeFunctions } from 'pino';

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

/** The least urgent first. */
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
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
  const { level, format, worker, destination: target } = options;
  const whole = worker === undefined ? {} : { maxWrite: PIPE_BUF };
  const lines = target ?? destination({ fd: 1, sync: false, maxLength: MAX_WAITING, ...whole });
  const timestamp = createTimestamp();
  const base = worker === undefined ? '' : `,"worker":${worker}`;
  const shape = format === 'json' ? (line: string): string => line : toText;
  let least = LEVELS.indexOf(level);

  const writer = (name: Exclude<LogLevel, 'silent'>): Write => {
    const rank = LEVELS.indexOf(name);
    return (fields, message) => {
      if (rank < least) return;
      const head = `{"level":"${name}"${timestamp()}${base}`;
      lines.write(shape(`${head}${print(fields)},"msg":${JSON.stringify(message)}}\n`));
    };
  };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    setLevel: (next) => {
      least = LEVELS.indexOf(next);
    },
  };
}

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

/** Fields as members of a JSON object, each with a comma before it; their names are words of ours. */
function print(fields: LogFields): string {
  let text = '';
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) text += `,"${name}":${JSON.stringify(clean(name, value))}`;
  }
  return text;
}

type Value = NonNullable<LogFields[string]>;

function clean(name: string, value: Value): Exclude<Value, Error> {
  if (REDACTED_FIELDS.has(name)) return REDACTED;
  if (typeof value === 'string') return clip(value, MAX_VALUE);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Error) return clip(describe(value), MAX_STACK);
  return value.slice(0, 32).map((item) => clip(item, MAX_VALUE));
}

/** Only the stack and its causes: other members of an error may hold what a driver was sent. */
function describe(error: Error, depth = 0): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  if (!(error.cause instanceof Error) || depth === MAX_CAUSES) return own;
  return `${own}\ncaused by: ${describe(error.cause, depth + 1)}`;
}

// What JSON leaves alone and a terminal or a viewer does not: DEL and C1 controls (CSI is one of
// them), line separators, and marks that turn the direction of writing.
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function clip(text: string, most: number): string {
  const short = text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;
  return short.search(UNPRINTABLE) < 0 ? short : short.replace(UNPRINTABLE, spell);
}

const spell = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** `12:00:00.000 warn identity.refused peer="10.0.0.1"`: values stay JSON, and so on one line. */
function toText(line: string): string {
  const { time, level, msg, ...fields }: Record<string, unknown> = JSON.parse(line);
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${String(time).slice(11, 23)} ${level} ${msg}${facts.join('')}\n`;
}
