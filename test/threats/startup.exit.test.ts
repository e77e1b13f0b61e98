import { mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { makeFolder, spawnProgram } from '../support/program.ts';

/** A program is started, and the machine may be busy. */
const PATIENT = { timeout: 60_000 };

describe('a start that fails when some parts are open already', PATIENT, () => {
  for (const sink of [
    { type: 'redis', url: 'redis://127.0.0.1:1' },
    { type: 'syslog', transport: 'tcp', host: '127.0.0.1', port: 1 },
  ]) {
    it(`ends the program, with what to do, also where the trail goes to ${sink.type}`, async () => {
      const folder = await makeFolder({
        config: { keys: { source: 'file', dir: 'keys' }, audit: { sinks: [sink] } },
      });
      await mkdir(folder.file('keys'));
      await folder.write('keys/20260101T000000Z.ES256.pem', 'no key');

      const child = spawnProgram(['serve', '--config', folder.configFile]);

      expect(await child.exit).toBe(78);
      expect(child.stderr()).toContain('20260101T000000Z.ES256.pem: holds no PEM block');
    });
  }
});
