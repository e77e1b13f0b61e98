// deploy/compose as podman-compose reads it, and its services as plain processes: commands, environment,
// files and secrets are those of the file, so that they cannot drift from what is tested.

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../e2e/rig.ts';
import { findFreePort } from '../support/free-port.ts';
import { type Container, place, startContainer } from './plain.ts';
import { inProject, type Outcome, python } from './programs.ts';
import { listAt, mapAt, parseDocuments, type Tree, textAt } from './tree.ts';

export const SOURCE = inProject('deploy/compose');

export type Secrets = Readonly<Record<string, string>>;

const LONG = 'a secret of at least thirty-two bytes, which is one';

/** Those that docs/compose.md has people make. */
const SECRETS: Secrets = {
  cookie: '0123456789abcdef0123456789abcdef',
  'oidc-client': LONG,
  keys: LONG,
  'redis-password': 'open sesame',
  grafana: LONG,
};

/** A copy of the folder as somebody has it who followed the page. */
export function copyProject(env: string, secrets: Secrets = {}): string {
  const folder = temporaryFolder();
  cpSync(SOURCE, folder, { recursive: true });
  writeFileSync(path.join(folder, '.env'), env);
  for (const [name, text] of Object.entries({ ...SECRETS, ...secrets })) {
    writeFileSync(path.join(folder, 'secrets', name), text, { mode: 0o600 });
  }
  return folder;
}

/** `podman-compose config`, which reads files, variables and extensions as Compose does. */
export function readConfig(folder: string, ...files: readonly string[]): Outcome {
  // It asks for the version of podman before it reads anything, and for nothing else of it.
  const podman = path.join(folder, 'podman');
  writeFileSync(podman, '#!/bin/sh\necho podman version 5.0.0\n', { mode: 0o755 });
  const named = files.flatMap((file) => ['-f', file]);
  const args = ['-m', 'podman_compose', '--podman-path', podman, ...named, 'config'];
  return python(args, { cwd: folder });
}

export function parseConfig({ status, stdout, output }: Outcome): Tree {
  if (status !== 0) throw new Error(output);
  return parseDocuments(stdout)[0];
}

const words = (tree: Tree): readonly string[] => {
  if (typeof tree === 'string') return tree.split(' ').filter((word) => word !== '');
  return listAt(tree).map(String);
};

export type Project = { readonly folder: string; readonly config: Tree };

/** Container ports of each service, in the order in which they have to be there. */
const SERVICES = [
  ['redis', ['6379']],
  ['asteroid', ['8880', '8881']],
  ['oauth2-proxy', ['4180']],
] as const;

/** @param published the port on which browsers find the proxy. */
export async function startProject(
  { folder, config }: Project,
  published: number,
): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>([['4180', published]]);
  for (const port of ['6379', '8880', '8881']) ports.set(port, await findFreePort());
  const numbers = [...ports].map(([name, here]) => [name, `${here}`] as const);
  const hosts = [
    ['redis:6379', `127.0.0.1:${ports.get('6379')}`],
    ['http://asteroid:8880', `http://127.0.0.1:${ports.get('8880')}`],
  ] as const;
  for (const [name, [port]] of SERVICES) {
    const service = mapAt(config, 'services', name);
    const home = path.join(folder, 'containers', name);
    mkdirSync(home, { recursive: true });
    const mounts = mountsOf(service, folder, home);
    const places = new Map([...mounts, ...numbers, ...hosts]);
    for (const [, here] of mounts) placeFiles(here, places);
    const container: Container = {
      image: textAt(service, 'image'),
      command: words(service['entrypoint']),
      args: words(service['command']),
      env: environmentOf(service),
    };
    await startContainer(container, places, ports.get(port) ?? 0, home);
  }
  return ports;
}

/** Container path → folder or file here; volumes without a path on the host are shared by their name. */
function mountsOf(service: Tree, folder: string, home: string) {
  const volumes = listAt(service, 'volumes').map((volume) => {
    const [source = '', target = ''] =
      typeof volume === 'string'
        ? volume.split(':')
        : [textAt(volume, 'source'), textAt(volume, 'target')];
    if (!/^[./]/.test(source)) {
      const shared = path.join(folder, 'volumes', source);
      mkdirSync(shared, { recursive: true, mode: 0o750 });
      return [target, shared] as const;
    }
    const copy = path.join(home, path.basename(source));
    cpSync(path.resolve(folder, source), copy, { recursive: true });
    return [target, copy] as const;
  });
  const secrets = listAt(service, 'secrets').map((secret) => {
    const name = typeof secret === 'string' ? secret : textAt(secret, 'source');
    return [`/run/secrets/${name}`, path.join(folder, 'secrets', name)] as const;
  });
  return [...volumes, ...secrets];
}

function environmentOf(service: Tree): Readonly<Record<string, string>> {
  const pairs = listAt(service, 'environment').map((line) => /^([^=]+)=(.*)$/.exec(String(line)));
  return {
    ...Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? ''])),
    ...Object.fromEntries(
      Object.entries(mapAt(service, 'environment')).map(([name, value]) => [name, String(value)]),
    ),
  };
}

/** Configurations name paths and ports of the container. */
function placeFiles(here: string, places: ReadonlyMap<string, string>): void {
  for (const name of ['asteroid.yaml', 'clients.yaml', 'alpha.yaml']) {
    const file = path.join(here, name);
    if (existsSync(file)) writeFileSync(file, place(readFileSync(file, 'utf8'), places));
  }
}
