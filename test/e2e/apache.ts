// Apache httpd with what `asteroid preset show` prints, and as little around it as it starts with.

import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { printLines } from './printed.ts';
import { type Asteroid, type Running, start, temporaryFolder, UPSTREAM_SECRET } from './rig.ts';

const MODULES = '/usr/lib/apache2/modules';
/** What Debian has switched on, and what the first lines of what is printed ask for. */
const NAMES =
  'mpm_event authn_core authz_core rewrite headers proxy proxy_http auth_basic authn_file authz_user';

export type PasswordProxy = {
  readonly listen: number;
  readonly asteroid: Pick<Asteroid, 'configFile'>;
  /** Who may sign in, and with what. */
  readonly passwords: Readonly<Record<string, string>>;
};

export async function startApache({
  listen,
  asteroid,
  passwords,
}: PasswordProxy): Promise<Running> {
  const home = temporaryFolder();
  // Its workers have an account of their own where it is started by root.
  chmodSync(home, 0o711);
  const write = (name: string, text: string) => writeFileSync(path.join(home, name), text);
  write('asteroid.conf', printLines({ asteroid, preset: 'custom', proxy: 'apache' }));
  write('asteroid-secret.conf', `Define ASTEROID_SECRET "${UPSTREAM_SECRET}"\n`);
  const lines = Object.entries(passwords).map(
    ([name, password]) => `${name}:{SHA}${createHash('sha1').update(password).digest('base64')}\n`,
  );
  write('asteroid.htpasswd', lines.join(''));
  write(
    'apache2.conf',
    `ServerRoot ${home}
ServerName localhost
DefaultRuntimeDir ${home}
PidFile ${home}/apache2.pid
ErrorLog ${home}/error.log
Listen 127.0.0.1:${listen}
StartServers 1
ThreadsPerChild 16
MaxRequestWorkers 16
${NAMES.split(' ')
  .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`)
  .join('\n')}
User www-data
Group www-data
Include asteroid.conf
`,
  );
  const args = ['-d', home, '-f', path.join(home, 'apache2.conf'), '-DFOREGROUND'];
  return await start('apache2', args, { port: listen, cwd: home });
}
