// A pod of a Deployment, run as plain processes in the order in which kubelet would: init containers one
// by one, those that stay until their startup probe succeeds, then the others.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../e2e/rig.ts';
import { findFreePorts } from '../support/free-port.ts';
import {
  type Container,
  type Places,
  place,
  probe,
  runContainer,
  startContainer,
} from './plain.ts';
import { at, find, listAt, mapAt, ofKind, type Tree, textAt } from './tree.ts';

export type Pod = {
  /** Container port → that of this machine. */
  readonly ports: ReadonlyMap<string, number>;
  /** The folder of a volume here, e.g. of `clients`. */
  readonly folder: (volume: string) => string;
};

const PORTS = ['4180', '8880', '8881', '8882'] as const;

const textsOf = (kind: string, object: Tree): readonly (readonly [string, string])[] => {
  const data = Object.entries(mapAt(object, 'data'));
  const decode = (text: string) =>
    kind === 'Secret' ? Buffer.from(text, 'base64').toString() : text;
  return data.map(([name, text]) => [name, decode(String(text))] as const);
};

/** What a volume is filled with: kind and name. */
const sourceOf = (volume: Tree): readonly [kind: string, name: string] | undefined => {
  if (at(volume, 'configMap')) return ['ConfigMap', textAt(volume, 'configMap', 'name')];
  if (at(volume, 'secret')) return ['Secret', textAt(volume, 'secret', 'secretName')];
  return undefined;
};

/** @param elsewhere places beyond those of the pod, such as the address of Redis. */
export async function startPod(
  objects: readonly Tree[],
  deployment: string,
  elsewhere: Places,
  port: number,
): Promise<Pod> {
  const pod = at(find(objects, 'Deployment', deployment), 'spec', 'template', 'spec');
  const home = temporaryFolder();
  const folder = (volume: string) => path.join(home, volume);
  const free = await findFreePorts(PORTS.length);
  const ports = new Map(PORTS.map((name, n) => [name, n === 0 ? port : (free[n] ?? 0)] as const));
  const containers = [...listAt(pod, 'initContainers'), ...listAt(pod, 'containers')];
  const mounts = containers
    .flatMap((container) => listAt(container, 'volumeMounts'))
    .map((mount) => [textAt(mount, 'mountPath'), folder(textAt(mount, 'name'))] as const);
  const places = new Map([
    ...mounts,
    ...[...ports].map(([name, here]) => [name, `${here}`] as const),
    ...elsewhere,
  ]);
  for (const volume of listAt(pod, 'volumes')) fill(volume, objects, folder, places);
  for (const tree of containers) await begin(tree, places, ports, home);
  return { ports, folder };
}

/** As kubelet makes it: an emptyDir that everybody may write to, secrets that nobody else may read. */
function fill(
  volume: Tree,
  objects: readonly Tree[],
  folder: (name: string) => string,
  places: Places,
): void {
  const here = folder(textAt(volume, 'name'));
  mkdirSync(here);
  const [kind, name] = sourceOf(volume) ?? [];
  if (kind === undefined) {
    chmodSync(here, 0o777);
    return;
  }
  for (const [file, text] of textsOf(kind, find(ofKind(objects, kind), kind, name))) {
    const placed = kind === 'Secret' ? text : place(text, places);
    writeFileSync(path.join(here, file), placed, { mode: kind === 'Secret' ? 0o400 : 0o644 });
  }
}

async function begin(
  tree: Tree,
  places: Places,
  ports: ReadonlyMap<string, number>,
  cwd: string,
): Promise<void> {
  const container: Container = {
    image: textAt(tree, 'image'),
    command: listAt(tree, 'command').map(String),
    args: listAt(tree, 'args').map(String),
    env: {},
  };
  const [first] = listAt(tree, 'ports');
  if (first === undefined) {
    runContainer(container, places);
    return;
  }
  const portOf = (name: string): number => {
    const found = listAt(tree, 'ports').find((one) => at(one, 'name') === name);
    return ports.get(textAt(found, 'containerPort')) ?? 0;
  };
  await startContainer(container, places, portOf(textAt(first, 'name')), cwd);
  for (const kind of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
    const { path: where, port } = mapAt(tree, kind, 'httpGet');
    if (where === undefined) continue;
    await until(`http://127.0.0.1:${portOf(String(port))}${where}`);
  }
}

async function until(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await probe(url)) return;
    await sleep(50);
  }
  throw new Error(`${url} does not succeed`);
}
