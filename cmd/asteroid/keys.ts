// `asteroid keys`: looks at a key directory and adds to it. A running issuer notices by itself.

import { parseDuration } from '../../internal/config/duration.ts';
import { readKeyDirectory } from '../../internal/keys/directory.ts';
import type { KeyEvent } from '../../internal/keys/events.ts';
import { KEY_KINDS, type KeyKind, toKeyFileName } from '../../internal/keys/filename.ts';
import type { Dated } from '../../internal/keys/rotation.ts';
import {
  addKey,
  type DirectoryTerms,
  makeKeyDirectory,
  rotateDirectory,
  scheduleOf,
} from '../../internal/keys/write.ts';

/** Durations are seconds, times are seconds since 1970. */
export type KeysAction =
  | { readonly kind: 'list' }
  | { readonly kind: 'generate'; readonly key: KeyKind; readonly activeFrom: number | undefined }
  /** The next key signs after `publishAhead`, which has to be the JWKS cache time or more. */
  | { readonly kind: 'rotate'; readonly publishAhead: number };

export type KeysTerms = {
  readonly dir: string;
  readonly now: number;
  /** Seconds the longest-lived token lives. */
  readonly tokenLifetime: number;
  readonly print: (line: string) => void;
};

/** Throws `KeyConfigError`, or the failed system call, when the directory cannot be used. */
export async function keysCommand(action: KeysAction, terms: KeysTerms): Promise<void> {
  const { dir, now, print } = terms;
  const directoryTerms = { ...terms, report: (event: KeyEvent) => printEvent(event, print) };
  switch (action.kind) {
    case 'list':
      break;
    case 'generate':
      await makeKeyDirectory(dir);
      await addKey(dir, action.key, action.activeFrom ?? now, directoryTerms);
      break;
    case 'rotate':
      await rotateDirectory(dir, directoryTerms, (keys) => decideRotation(keys, now, action));
      break;
    default:
      action satisfies never;
  }
  await printTable(directoryTerms, terms);
}

/** One next key is enough: asking twice is not asking for two. */
function decideRotation(
  keys: readonly Dated[],
  now: number,
  { publishAhead }: { readonly publishAhead: number },
): number | undefined {
  return keys.some(({ activeFrom }) => activeFrom > now) ? undefined : now + publishAhead;
}

/** The default of access and ID Tokens: without a configuration, what the list assumes. */
const TOKEN_LIFETIME = 3600;

const HEADINGS = ['KID', 'ALG', 'STATE', 'FROM', 'UNTIL', 'FILE'];

async function printTable(directoryTerms: DirectoryTerms, { dir, print }: KeysTerms) {
  const keys = await readKeyDirectory(dir, () => {});
  const rows = KEY_KINDS.flatMap((kind) =>
    scheduleOf(keys, kind, directoryTerms).map(({ key, state, until }) => [
      key.id,
      kind,
      state,
      toTime(key.activeFrom),
      until === undefined ? '-' : toTime(until),
      toKeyFileName({ kind, activeFrom: key.activeFrom }),
    ]),
  );
  const table = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of table)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  if (rows.length === 0) print(`no keys in ${dir}`);
}

function printEvent(event: KeyEvent, print: (line: string) => void): void {
  if (event.type === 'key.created')
    print(`wrote ${event.file}, signing from ${toTime(event.activeFrom)}`);
  if (event.type === 'key.deleted') print(`removed ${event.file}, needed by nobody any more`);
  if (event.type === 'key.exposed')
    print(`warning: ${event.file} is open to others (mode ${event.mode})`);
}

const toTime = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** `asteroid keys list`; resolves to the exit code, as do the two below. */
export const keysList = (dir: string): Promise<number> => run(dir, { kind: 'list' });

/** `asteroid keys generate`: an unusable option is 2, before anything is written. */
export async function keysGenerate(options: {
  readonly dir: string;
  readonly alg: string;
  readonly activate?: string;
}): Promise<number> {
  const key = KEY_KINDS.find((kind) => kind === options.alg);
  if (key === undefined) return refuse(`--alg has to be one of ${KEY_KINDS.join(', ')}`);
  const activeFrom = options.activate === undefined ? undefined : parseTime(options.activate);
  if (Number.isNaN(activeFrom))
    return refuse('--activate has to be a time in UTC, as in 2026-12-01T00:00:00Z');
  return run(options.dir, { kind: 'generate', key, activeFrom });
}

/** `asteroid keys rotate`. */
export async function keysRotate(options: {
  readonly dir: string;
  readonly publishAhead: string;
}): Promise<number> {
  const publishAhead = parseDuration(options.publishAhead);
  if (publishAhead === undefined || !Number.isInteger(publishAhead) || publishAhead === 0)
    return refuse('--publish-ahead has to be a length of time with its unit, as in 10m');
  return run(options.dir, { kind: 'rotate', publishAhead });
}

async function run(dir: string, action: KeysAction): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  await keysCommand(action, { dir, now, tokenLifetime: TOKEN_LIFETIME, print: console.log });
  return 0;
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
