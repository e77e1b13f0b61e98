// The stanza of docs/audit.md, run by the real logrotate.

import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder, spawnProgram } from '../support/program.ts';
import { ask } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

it('logrotate moves the file away again and again, and no line is lost, doubled or torn', async () => {
  const folder = await makeFolder({
    config: { audit: { sinks: [{ type: 'file', path: 'audit.log' }] } },
  });
  const file = folder.file('audit.log');
  const child = spawnProgram(['serve', '--config', folder.configFile]);
  const at = await child.at('public');
  const page = await readFile(path.join(ROOT, 'docs/audit.md'), 'utf8');
  const [, stanza = ''] =
    /```\n(\/var\/log\/asteroid\/audit\.log \{\n[\s\S]*?\n\})\n```/.exec(page) ?? [];
  const { username } = userInfo();
  const own = stanza
    .replace('/var/log/asteroid/audit.log', file)
    .replace('create 0600 asteroid asteroid', `create 0600 ${username} ${username}`)
    .replace(/systemctl kill .*/, `kill -USR2 ${child.process.pid}`);
  await writeFile(folder.file('logrotate.conf'), `${own}\n`, { mode: 0o600 });
  const sent: (string | undefined)[] = [];
  let isOver = false;
  const flood = (async () => {
    const lines = ['GET /authorize HTTP/1.1', 'Host: sso.example', 'X-Authenticated-User: mallory'];
    while (!isOver) sent.push((await ask(at, lines)).headers['x-request-id']);
  })();

  for (let round = 0; round < 4; round += 1) {
    const before = sent.length;
    await until(() => sent.length > before + 20);
    const state = folder.file('logrotate.state');
    execFileSync('logrotate', ['--force', '--state', state, folder.file('logrotate.conf')]);
    await until(async () => (await readFile(file, 'utf8')) !== '');
  }
  isOver = true;
  await flood;
  child.process.kill('SIGTERM');
  expect(await child.exit).toBe(0);

  const names = (await readdir(folder.path)).filter((name) => name.startsWith('audit.log'));
  const texts = names.map((name) =>
    execFileSync(name.endsWith('.gz') ? 'zcat' : 'cat', [folder.file(name)]).toString(),
  );
  const records = texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  );
  const ids = records
    .filter(({ type }) => type === 'identity.refused')
    .map((one) => one.request_id);
  expect(names.length).toBe(5);
  expect(names.some((name) => name.endsWith('.gz'))).toBe(true);
  expect(ids.sort()).toEqual([...sent].sort());
}, 60_000);
