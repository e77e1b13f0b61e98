// Proxies that ask /check, as the files of deploy/ set them up: with the ports of a run, and without TLS.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePort } from '../support/free-port.ts';
import { CADDY } from './caddy.ts';
import { startNginxWith } from './nginx.ts';
import { ROOT, start, temporaryFolder } from './rig.ts';

export type CheckFront = {
  /** `check.original` of asteroid.yaml. */
  readonly original: 'x-original' | 'x-forwarded';
  /** Whether clients are told the next nonce also when their request was good. */
  readonly passesNonce: boolean;
  readonly start: (asteroid: number, api: number) => Promise<string>;
};

const read = (file: string, asteroid: number, api: number): string =>
  readFileSync(path.join(ROOT, 'deploy', file), 'utf8')
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${api}`)
    .replaceAll('127.0.0.1:8880', `127.0.0.1:${asteroid}`);

async function startNginx(asteroid: number, api: number): Promise<string> {
  const listen = await findFreePort();
  const home = temporaryFolder();
  const lines = read('nginx/check.conf', asteroid, api)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${listen};`)
    .replaceAll(/ssl_certificate\w* .*;\n/g, '');
  writeFileSync(path.join(home, 'check.conf'), lines);
  await startNginxWith('check.conf', listen, home);
  return `http://127.0.0.1:${listen}`;
}

/** @param script what is run instead of what is in deploy/. */
export async function startHaproxy(
  asteroid: number,
  api: number,
  script = read('haproxy/check.lua', asteroid, api),
): Promise<string> {
  const listen = await findFreePort();
  const home = temporaryFolder();
  const lines = read('haproxy/check.cfg', asteroid, api)
    .replace(/bind :443 .*/, `bind 127.0.0.1:${listen}`)
    .replace('/etc/haproxy/check.lua', path.join(home, 'check.lua'));
  writeFileSync(path.join(home, 'check.cfg'), lines);
  writeFileSync(path.join(home, 'check.lua'), script);
  writeFileSync(
    path.join(home, 'haproxy.cfg'),
    'global\n  maxconn 256\ndefaults\n  timeout connect 2s\n  timeout client 30s\n  timeout server 30s\n',
  );
  const args = ['-db', '-f', 'haproxy.cfg', '-f', 'check.cfg'];
  await start('haproxy', args, { port: listen, cwd: home });
  return `http://127.0.0.1:${listen}`;
}

const startCaddy =
  (release: keyof typeof CADDY) =>
  async (asteroid: number, api: number): Promise<string> => {
    const listen = await findFreePort();
    const home = temporaryFolder();
    const lines = read('caddy/check.Caddyfile', asteroid, api).replace(
      'https://api.example.com {',
      `http://:${listen} {`,
    );
    writeFileSync(path.join(home, 'Caddyfile'), `{\n  admin off\n}\n${lines}`);
    const args = ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'];
    const env = { XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
    await start(CADDY[release], args, { port: listen, cwd: home, env });
    return `http://127.0.0.1:${listen}`;
  };

export const CHECK_FRONTS: Readonly<Record<string, CheckFront>> = {
  nginx: { original: 'x-original', passesNonce: true, start: startNginx },
  haproxy: { original: 'x-original', passesNonce: true, start: startHaproxy },
  caddy: { original: 'x-forwarded', passesNonce: false, start: startCaddy('current') },
  'caddy of Debian': { original: 'x-forwarded', passesNonce: false, start: startCaddy('debian') },
};
