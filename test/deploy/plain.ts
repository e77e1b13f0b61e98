// Containers as plain processes: the commands, the environment and the files are those of the manifest;
// where a container would see a path or a port, this machine has another one.

import { readFileSync } from 'node:fs';
import { OAUTH2_PROXY } from '../e2e/oauth2-proxy.ts';
import { ask, PROGRAM, type Running, start } from '../e2e/rig.ts';
import { inProject, run } from './programs.ts';

/** What a container calls something → what it is called here. */
export type Places = ReadonlyMap<string, string>;

/** Paths and names as they are, ports wherever a number of their own stands; the longest first. */
export function place(text: string, places: Places): string {
  const names = [...places.keys()].toSorted((one, other) => other.length - one.length);
  if (names.length === 0) return text;
  const patterns = names.map((name) =>
    /^\d+$/.test(name) ? `\\b${name}\\b` : name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return text.replace(new RegExp(patterns.join('|'), 'g'), (found) => places.get(found) ?? found);
}

export type Container = {
  readonly image: string;
  /** In place of the image's ENTRYPOINT. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** ENTRYPOINT of our own Dockerfile, as a program of this machine. */
function ownEntrypoint(): readonly string[] {
  const [, line = '[]'] =
    /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(inProject('Dockerfile'), 'utf8')) ?? [];
  return JSON.parse(line);
}

const OWN: Places = new Map([
  ['/nodejs/bin/node', process.execPath],
  ['/app/dist/asteroid.js', PROGRAM],
]);

/** What the image of a container runs when nothing else is said. */
function entrypointOf(image: string): readonly string[] {
  if (image.includes('oauth2-proxy')) return [OAUTH2_PROXY];
  if (/(?:^|\/)redis:/.test(image)) return [];
  return ownEntrypoint();
}

/** The command line of a container, with the programs and places of this machine. */
function commandLine(container: Container, places: Places): readonly string[] {
  const { image, command, args } = container;
  const words = [...(command.length > 0 ? command : entrypointOf(image)), ...args];
  const redis = process.env['REDIS_SERVER'] || 'redis-server';
  return words
    .map((word) => place(place(word, OWN), places))
    .map((word) => word.replace(/(^|\s)redis-server(?=\s|$)/, `$1${redis}`));
}

/** Starts a container that stays, and waits until it listens on `port`. */
export async function startContainer(
  container: Container,
  places: Places,
  port: number,
  cwd: string,
): Promise<Running> {
  const [program = '', ...args] = commandLine(container, places);
  return await start(program, args, { port, cwd, env: container.env });
}

/** Runs a container that ends, and has to end well. */
export function runContainer(container: Container, places: Places): void {
  const [program = '', ...args] = commandLine(container, places);
  const { status, output } = run(program, args, { env: container.env });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status}\n${output}`);
}

/** Whether a probe would succeed at this moment. */
export async function probe(url: string): Promise<boolean> {
  const answer = await ask(url, {}).catch(() => undefined);
  return answer?.status === 200;
}
