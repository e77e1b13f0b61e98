import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, PROGRAM, ROOT, temporaryFolder } from './rig.ts';

/** The YAML blocks of the README whose first line names their file. */
function readBlocks(): ReadonlyMap<string, string> {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const blocks = readme.matchAll(/```yaml\n# (\S+\.yaml)\n([\s\S]*?)```/g);
  return new Map([...blocks].map(([, name = '', text = '']) => [name, text]));
}

describe('the minimal configuration of the README', () => {
  afterAll(cleanUp);

  it('has no problem', () => {
    const home = temporaryFolder();
    const secrets = path.join(home, 'secrets');
    mkdirSync(secrets);
    for (const name of ['upstream', 'grafana']) {
      const secret = randomBytes(32).toString('base64');
      writeFileSync(path.join(secrets, name), secret, { mode: 0o600 });
    }
    const blocks = readBlocks();
    for (const [name, text] of blocks) {
      writeFileSync(path.join(home, name), text.replaceAll('/run/secrets', secrets));
    }

    const config = path.join(home, 'asteroid.yaml');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [PROGRAM, 'check', '--config', config],
      { encoding: 'utf8' },
    );

    expect([...blocks.keys()]).toEqual(['asteroid.yaml', 'clients.yaml', 'users.yaml']);
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});
