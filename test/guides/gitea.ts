// docs/guides/gitea.md against a real Gitea: GITEA is the program, GITEA_STATIC where its templates lie.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { start, temporaryFolder } from '../e2e/rig.ts';
import { findFreePort } from '../support/free-port.ts';
import { ALICE, check, localise, makeSecret, readGuide, signIn, startIssuer } from './guide.ts';
import { asNobody, command, fromEnvironment, runShell } from './programs.ts';

export async function gitea(): Promise<void> {
  const guide = readGuide('gitea');
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const secret = makeSecret();
  const names = { 'https://gitea.example.com': url, '/run/secrets/gitea': secret.file };
  const { issuer } = await startIssuer(guide, names);

  const home = temporaryFolder();
  const config = path.join(home, 'app.ini');
  writeFileSync(config, toIni(port, guide.block('ini', '[oauth2_client]')));
  mkdirSync(path.join(home, 'data'));
  for (const file of [home, config, path.join(home, 'data')]) chmodSync(file, 0o777);
  const run = asNobody([fromEnvironment('GITEA'), '--config', config]);
  const env = { GITEA_WORK_DIR: home, HOME: home, USER: 'nobody', ...command('gitea', run) };
  runShell('gitea migrate', env);
  runShell(
    localise(guide.block('sh', 'add-oauth'), {
      'https://sso.example.com': issuer,
      '/run/secrets/gitea': secret.file,
    }),
    env,
  );
  const [program = '', ...args] = [...run, 'web'];
  await start(program, args, { port, env });

  const { browser, ...visit } = await signIn(`${url}/user/oauth2/asteroid`);
  check(
    'alice ends at Gitea',
    visit.answer.status === 200 && visit.url.startsWith(url),
    visit.steps,
  );
  const settings = await browser.visit(`${url}/user/settings`, 'nowhere:');
  check('her account has her address', settings.answer.body.includes('alice@example.test'), [
    ...visit.steps,
    ...settings.steps,
  ]);
  const bob = { ...ALICE, 'x-authenticated-user': 'bob', 'x-authenticated-groups': 'sales' };
  const other = await signIn(`${url}/user/oauth2/asteroid`, bob);
  const page = await other.browser.visit(`${url}/user/settings`, 'nowhere:');
  check('bob, of another group, is not let in', page.url.includes('/user/login'), page.steps);
}

const toIni = (port: number, section: string): string => `RUN_USER = nobody
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = http://127.0.0.1:${port}/
STATIC_ROOT_PATH = ${fromEnvironment('GITEA_STATIC')}
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
[security]
INSTALL_LOCK = true
${section}`;
