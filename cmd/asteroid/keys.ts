// `asteroid keys`: looks at the keys of a directory or of the store, and adds to them. A running issuer
// notices by itself.

import { parseDuration } from '../../internal/config/duration.ts';
import type { KeyEvent } from '../../internal/keys/events.ts';
import { KEY_KINDS, type KeyKind } from '../../internal/keys/filename.ts';
import type { Dated } from '../../internal/keys/rotation.ts';
import { createDirectoryPlace, type KeyPlace, type PlaceTerms } from './key-place.ts';

/** Durations are seconds, times are seconds since 1970. */
export type KeysAction =
  | { readonly kind: 'list' }
  | { readonly kind: 'generate'; readonly key: KeyKind; readonly activeFrom: number }
  /** The next key signs after `publishAhead`, which has to be the JWKS cache time or more. */
  | { readonly kind: 'rotate'; readonly publishAhead: number; readonly now: number }
  | { readonly kind: 'remove'; readonly kid: string };

type Print = (line: string) => void;

/** Throws `KeyConfigError`, or the failed system call, when the keys cannot be used. */
export async function keysCommand(
  action: KeysAction,
  place: KeyPlace,
  print: Print,
): Promise<void> {
  switch (action.kind) {
    case 'list':
      break;
    case 'generate':
      await place.add(action.key, action.activeFrom);
      break;
    case 'rotate':
      await place.rotate((keys) => decideRotation(keys, action));
      break;
    case 'remove':
      await place.remove?.(action.kid);
      print(`removed ${action.kid} for ever, with whatever it signed`);
      break;
    default:
      action satisfies never;
  }
  await printTable(place, print);
}

/** One next key is enough: asking twice is not asking for two. */
const decideRotation = (
  keys: readonly Dated[],
  { now, publishAhead }: { readonly now: number; readonly publishAhead: number },
): number | undefined =>
  keys.some(({ activeFrom }) => activeFrom > now) ? undefined : now + publishAhead;

async function printTable(place: KeyPlace, print: Print) {
  const keys = await place.list();
  const rows = keys.map(({ kind, scheduled: { key, state, until }, file = '' }) => [
    ...[key.id, kind, state, toTime(key.activeFrom), until === undefined ? '-' : toTime(until)],
    ...(place.hasFiles ? [file] : []),
  ]);
  const headings = ['KID', 'ALG', 'STATE', 'FROM', 'UNTIL', ...(place.hasFiles ? ['FILE'] : [])];
  const table = [headings, ...rows];
  const widths = headings.map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of table)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  if (rows.length === 0) print(`no keys in ${place.name}`);
}

/** What happened to keys, for whoever asked for it. */
export function printEvent(event: KeyEvent, print: Print): void {
  if (event.type === 'key.created') {
    const what =
      event.file === undefined ? `made ${event.kid} (${event.kind})` : `wrote ${event.file}`;
    print(`${what}, signing from ${toTime(event.activeFrom)}`);
  }
  if (event.type === 'key.deleted')
    print(`removed ${event.file ?? event.kid}, needed by nobody any more`);
  if (event.type === 'key.exposed')
    print(`warning: ${event.file} is open to others (mode ${event.mode})`);
}

const toTime = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** Where keys are: one of the two. */
export type KeysOptions = {
  readonly dir?: string;
  /** Configuration files, as `serve` takes them. */
  readonly config?: readonly string[];
};

/** `asteroid keys list`; resolves to the exit code, as do those below. */
export const keysList = (options: KeysOptions): Promise<number> =>
  run(options, () => ({ kind: 'list' }));

/** `asteroid keys generate`: an unusable option is 2, before anything is written. */
export async function keysGenerate(
  options: KeysOptions & { readonly alg: string; readonly activate?: string },
): Promise<number> {
  const key = KEY_KINDS.find((kind) => kind === options.alg);
  if (key === undefined) return refuse(`--alg has to be one of ${KEY_KINDS.join(', ')}`);
  const activeFrom = options.activate === undefined ? undefined : parseTime(options.activate);
  if (Number.isNaN(activeFrom))
    return refuse('--activate has to be a time in UTC, as in 2026-12-01T00:00:00Z');
  return run(options, ({ now }) => ({ kind: 'generate', key, activeFrom: activeFrom ?? now }));
}

/** `asteroid keys rotate`. */
export async function keysRotate(
  options: KeysOptions & { readonly publishAhead?: string },
): Promise<number> {
  const given =
    options.publishAhead === undefined ? undefined : parseDuration(options.publishAhead);
  if (options.publishAhead !== undefined && (given === undefined || !isWholeLength(given)))
    return refuse('--publish-ahead has to be a length of time with its unit, as in 10m');
  return run(options, ({ now, publishAhead }) => {
    return { kind: 'rotate', now, publishAhead: given ?? publishAhead };
  });
}

/** `asteroid keys remove`: a file is removed without us. */
export const keysRemove = (kid: string, options: KeysOptions): Promise<number> =>
  run(options, () => ({ kind: 'remove', kid }));

const isWholeLength = (seconds: number): boolean => Number.isInteger(seconds) && seconds > 0;

type Opened = {
  readonly place: KeyPlace;
  readonly now: number;
  /** Seconds, of the configuration where there is one. */
  readonly publishAhead: number;
};

/** Without a configuration: the default of access and ID Tokens, and twice that of the JWKS cache. */
const TOKEN_LIFETIME = 3600;
const PUBLISH_AHEAD = 600;

async function run(
  options: KeysOptions,
  toAction: (opened: Opened) => KeysAction,
): Promise<number> {
  const { dir, config } = options;
  if ((dir === undefined) === (config === undefined))
    return refuse('one of --dir and --config says where the keys are');
  const now = Math.floor(Date.now() / 1000);
  const terms = { now, report: (event: KeyEvent) => printEvent(event, console.log) };
  const opened = await open(options, terms);
  try {
    const action = toAction({ ...opened, now });
    if (action.kind === 'remove' && opened.place.remove === undefined)
      return refuse(`delete the file of the key in ${opened.place.name} instead`);
    await keysCommand(action, opened.place, console.log);
    return 0;
  } finally {
    await opened.place.close();
  }
}

async function open(
  { dir = '', config }: KeysOptions,
  terms: Omit<PlaceTerms, 'tokenLifetime'>,
): Promise<Omit<Opened, 'now'>> {
  if (config === undefined) {
    const place = createDirectoryPlace(dir, { ...terms, tokenLifetime: TOKEN_LIFETIME });
    return { place, publishAhead: PUBLISH_AHEAD };
  }
  const { openConfiguredPlace } = await import('./configured-keys.ts');
  return openConfiguredPlace(config, terms);
}

function refuse(problem: string): number {
  console.error(problem);
  return 2;
}

/** NaN unless it is a time that exists, to the second, in UTC. */
function parseTime(text: string): number {
  const seconds = Date.parse(text) / 1000;
  return !Number.isNaN(seconds) && toTime(seconds) === text ? seconds : Number.NaN;
}
