import { mkdtemp, readFile, rename, rm, stat, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSink } from '../../internal/audit/sinks/file.ts';
import { until } from '../support/until.ts';
import { createAccount, idsOf, recordOf, recordsOf } from './audit.fixture.ts';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'asteroid-audit-'));
  file = path.join(folder, 'audit.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (name = file): Promise<string> => readFile(name, 'utf8').catch(() => '');

describe('an audit file', () => {
  it('has one whole line a record, in order, and nobody but its owner reads it', async () => {
    const { terms } = createAccount();
    const sink = createFileSink(file, terms);

    for (const record of recordsOf(700)) sink.write(record);
    await sink.flush(10_000);
    await sink.close();

    expect(idsOf(await read())).toEqual(
      recordsOf(700).map(({ event }) => 'requestId' in event && event.requestId),
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('loses, doubles and tears nothing while it is rotated in the middle of a stream', async () => {
    const { terms, lost } = createAccount(100_000);
    const sink = createFileSink(file, terms);
    const moved: string[] = [];

    for (let round = 0; round < 5; round += 1) {
      for (const record of recordsOf(2000, `${round}-`)) sink.write(record);
      await until(async () => (await read()) !== '');
      const to = path.join(folder, `audit.log.${round}`);
      await rename(file, to);
      moved.push(to);
      sink.reopen?.();
    }
    await sink.flush(10_000);
    await sink.close();

    const texts = await Promise.all([...moved, file].map(read));
    const expected = [0, 1, 2, 3, 4].flatMap((round) =>
      Array.from({ length: 2000 }, (_, index) => `${round}-${index}`),
    );
    expect(texts.flatMap(idsOf)).toEqual(expected);
    expect(lost.count).toBe(0);
  });

  it('that is full loses records, says so once, and goes on when there is room', async () => {
    const { terms, events, lost, types } = createAccount(10);
    await symlink('/dev/full', file);
    const sink = createFileSink(file, terms);

    for (const record of recordsOf(25)) sink.write(record);
    await until(() => types().includes('audit_sink.failed'));
    await unlink(file);
    sink.reopen?.();
    await until(async () => (await read()) !== '');
    await until(() => types().includes('audit_sink.recovered'));
    await sink.close();

    expect(types()).toEqual(['audit_sink.losing', 'audit_sink.failed', 'audit_sink.recovered']);
    expect(lost.count).toBe(15);
    expect(events.at(-1)).toMatchObject({ lost: 15 });
    expect(idsOf(await read())).toHaveLength(10);
  });

  it('whose folder is missing at the start takes what waited once it is there', async () => {
    const { terms, types } = createAccount();
    const late = path.join(folder, 'later', 'audit.log');
    const sink = createFileSink(late, terms);
    sink.write(recordOf('r1'));
    await until(() => types().includes('audit_sink.failed'));

    const { mkdir } = await import('node:fs/promises');
    await mkdir(path.dirname(late));
    sink.reopen?.();
    await until(() => types().includes('audit_sink.recovered'));
    await sink.close();

    expect(idsOf(await read(late))).toEqual(['r1']);
  });

  it('that never takes anything gives up at the end of the time, and counts', async () => {
    const { terms, events, lost } = createAccount();
    const sink = createFileSink('/dev/full', terms);
    for (const record of recordsOf(3)) sink.write(record);

    await sink.flush(50);
    await sink.close();

    expect(lost.count).toBe(3);
    expect(events.at(-1)).toMatchObject({ type: 'audit_sink.gave_up', lost: 3 });
  });
});
