// Asteroid as somebody sets it up who reads `asteroid preset show NAME`: the section that it prints, with
// its placeholders filled in and nothing beside it. Claims come from the product alone.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePorts } from '../support/free-port.ts';
import { PROGRAM, type Running, start, temporaryFolder, UPSTREAM_SECRET } from './rig.ts';

export type PresetOptions = {
  readonly preset: string;
  readonly issuer: string;
  readonly clients: string;
  /** Placeholder of what is printed → what is so here; the secret's file is known. */
  readonly fill?: Readonly<Record<string, string>>;
  /** Absent: a port of loopback. */
  readonly listen?: 'socket' | { readonly cert: string; readonly key: string };
  /** Listens for what reads an identity, apart from the rest. */
  readonly isSplit?: boolean;
  /** Further sections of asteroid.yaml. */
  readonly more?: string;
};

export type PresetAsteroid = Running & {
  readonly port: number;
  /** The same as `port` unless it is split. */
  readonly browserPort: number;
  readonly socketPath: string | undefined;
  readonly configFile: string;
};

const SECRET_PLACE = '/run/secrets/upstream';

/** What only an operator can know, and what nobody has on their machine. */
const PLACEHOLDER = /example\.com|\b(?:TEAM|NUMBER|SLUG|CLIENT-ID|AUD-TAG)\b|\/run\//;

/** The built program with the preset as it is printed; throws for a placeholder that is left, or gone. */
export async function startPreset(options: PresetOptions): Promise<PresetAsteroid> {
  const home = temporaryFolder();
  const [port = 0, split = 0, admin = 0] = await findFreePorts(3);
  const write = (name: string, text: string): string => {
    const file = path.join(home, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const { listen, isSplit = false } = options;
  const socketPath = listen === 'socket' ? path.join(home, 'asteroid.sock') : undefined;
  const tls =
    typeof listen === 'object'
      ? `, tls: { cert_file: ${write('tls.crt', listen.cert)}, key_file: ${write('tls.key', listen.key)} }`
      : '';
  const tcp = (at: number): string => `{ host: 127.0.0.1, port: ${at}${tls} }`;
  mkdirSync(path.join(home, 'keys'), { mode: 0o700 });
  write('clients.yaml', options.clients);
  const secret = write('secret', UPSTREAM_SECRET);
  const configFile = write(
    'asteroid.yaml',
    `issuer: ${options.issuer}
listen:
  public: ${socketPath === undefined ? tcp(port) : `{ socket: ${socketPath} }`}
  admin: { host: 127.0.0.1, port: ${admin} }
${isSplit ? `  browser: ${tcp(split)}\n` : ''}store: { driver: memory }
clients: { file: clients.yaml }
userinfo: { backends: [{ type: headers }] }
keys: { source: file, dir: ${path.join(home, 'keys')} }
${fillIn(show(options.preset), options.fill ?? {}, secret)}
${options.more ?? ''}`,
  );
  const running = await start(process.execPath, [PROGRAM, 'serve', '--config', configFile], {
    port: admin,
    cwd: home,
  });
  return { ...running, port, browserPort: isSplit ? split : port, socketPath, configFile };
}

/** As it is printed without a configuration: with placeholders. */
const show = (preset: string): string => print([preset, '--part', 'upstream']);

/** The lines of the proxy that belong to this configuration. */
export const showProxy = ({ configFile }: PresetAsteroid, preset: string): string =>
  print([preset, '--config', configFile, '--part', 'proxy']);

const print = (args: readonly string[]): string =>
  execFileSync(process.execPath, [PROGRAM, 'preset', 'show', ...args], { encoding: 'utf8' });

function fillIn(
  printed: string,
  fill: Readonly<Record<string, string>>,
  secretFile: string,
): string {
  let text = printed.replaceAll(SECRET_PLACE, secretFile);
  for (const [placeholder, value] of Object.entries(fill)) {
    if (!text.includes(placeholder)) throw new Error(`${placeholder} is not in:\n${printed}`);
    text = text.replaceAll(placeholder, value);
  }
  const left = PLACEHOLDER.exec(text);
  if (left !== null) throw new Error(`${left[0]} is left in:\n${text}`);
  return text;
}
