// What somebody else may do to a file of the audit trail, by its name.

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSink } from '../../internal/audit/sinks/file.ts';
import { until } from '../support/until.ts';
import { createAccount, idsOf, recordOf } from './audit.fixture.ts';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'asteroid-audit-'));
  file = path.join(folder, 'logs', 'audit.log');
  await mkdir(path.dirname(file));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (name = file): Promise<string> => readFile(name, 'utf8').catch(() => '');

describe('an audit file', () => {
  it('that is a FIFO is refused: nobody may read it, and a write would never end', async () => {
    execFileSync('mkfifo', [file]);
    const { terms, events } = createAccount();
    const sink = createFileSink(file, terms);

    sink.write(recordOf('r1'));
    await until(() => events.length > 0);
    await unlink(file);
    sink.reopen?.();
    await until(async () => (await read()) !== '');
    await sink.close();

    expect(events[0]).toMatchObject({
      type: 'audit_sink.failed',
      reason: `${file} is a FIFO, which nobody may read; name a file`,
    });
    expect(idsOf(await read())).toEqual(['r1']);
  });

  it('that is a directory fails, and takes what waited once it is none', async () => {
    await mkdir(file);
    const { terms, events } = createAccount();
    const sink = createFileSink(file, terms);

    sink.write(recordOf('r1'));
    await until(() => events.length > 0);
    await rm(file, { recursive: true });
    sink.reopen?.();
    await until(async () => (await read()) !== '');
    await sink.close();

    expect(String(events[0] && 'reason' in events[0] && events[0].reason)).toContain('EISDIR');
    expect(idsOf(await read())).toEqual(['r1']);
  });

  it('that is a symbolic link grows where that leads, and what was there stays', async () => {
    const target = path.join(folder, 'elsewhere');
    await writeFile(target, '{"request_id":"r0"}\n');
    await symlink(target, file);
    const { terms } = createAccount();
    const sink = createFileSink(file, terms);

    sink.write(recordOf('r1'));
    await sink.flush(10_000);
    await sink.close();

    expect(idsOf(await read(target))).toEqual(['r0', 'r1']);
  });

  it('that is deleted with its folder begins again once the folder is back, without a signal', async () => {
    const { terms, types, lost } = createAccount();
    const sink = createFileSink(file, terms);
    sink.write(recordOf('r1'));
    await until(async () => (await read()) !== '');

    await rm(path.dirname(file), { recursive: true });
    sink.write(recordOf('r2'));
    await until(() => types().includes('audit_sink.failed'));
    await mkdir(path.dirname(file));
    sink.write(recordOf('r3'));
    await sink.flush(10_000);
    await sink.close();

    expect(idsOf(await read())).toEqual(['r2', 'r3']);
    expect(lost.count).toBe(0);
  });
});
