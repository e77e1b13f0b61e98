import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../architecture/sources.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'asteroid-audit-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes until the file may not grow any more (ulimit -f), in the middle of a line. */
const PROGRAM = `
import { createFileSink } from './internal/audit/sinks/file.ts';
import { createAccount, recordsOf } from './test/unit/audit.fixture.ts';
import { until } from './test/support/until.ts';
const { terms, types } = createAccount(100_000);
const sink = createFileSink(process.argv[1], terms);
for (const record of recordsOf(500)) sink.write(record);
await until(() => types().includes('audit_sink.failed'));
await sink.close();
`;

describe('a file that may not grow any more', () => {
  it('ends with a whole line', async () => {
    const file = path.join(folder, 'audit.log');
    const script = `trap '' XFSZ; ulimit -f 8; exec "$0" --import tsx --input-type=module -e "$1" "$2"`;
    const child = spawn('bash', ['-c', script, process.execPath, PROGRAM, file], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));

    const text = await readFile(file, 'utf8');
    expect(code).toBe(0);
    expect(text.length).toBeGreaterThan(1000);
    expect(text.endsWith('}\n')).toBe(true);
    for (const line of text.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('id');
  });

  it('ends with a whole line, once, whichever of several writers was cut off', async () => {
    const file = path.join(folder, 'audit.log');
    const script = `trap '' XFSZ; ulimit -f 8; exec "$0" --import tsx --input-type=module -e "$1" "$2"`;
    const codes = await Promise.all(
      [1, 2, 3].map(() => {
        const child = spawn('bash', ['-c', script, process.execPath, PROGRAM, file], {
          cwd: ROOT,
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        return new Promise((resolve) => child.once('exit', resolve));
      }),
    );

    const text = await readFile(file, 'utf8');
    expect(codes).toEqual([0, 0, 0]);
    expect(text.endsWith('}\n')).toBe(true);
    const ids = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
