import { describe, expect, it } from 'vitest';
import { createHolding, holdAll } from '../../internal/app/holding.ts';
import { createKept } from '../../internal/app/kept.ts';
import { readSnapshot } from '../../internal/app/read.ts';
import type { Snapshot } from '../../internal/loader/load.ts';
import { makeFolder } from '../support/program.ts';

const { configFile } = await makeFolder();
const BASE = await readSnapshot({ files: [configFile], env: {}, mode: 'serve' });

/** Of a configuration whose part is this one. */
const of = (profile: 'fapi2' | undefined, salt = 'salt'): Snapshot => ({
  ...BASE,
  config: { ...BASE.config, policy: { ...BASE.config.policy, profile } },
  pairwiseSalt: Buffer.from(salt),
});

function createParts() {
  const log: string[] = [];
  let opened = 0;
  const kept = createKept({
    of: ({ config }) => config.policy,
    open(_snapshot, latest) {
      opened += 1;
      log.push(`open ${opened}`);
      return { number: opened, salt: () => String(latest().pairwiseSalt) };
    },
    close: ({ number }) => void log.push(`close ${number}`),
  });
  return { kept, log };
}

const failing = createKept<string>({
  of: () => undefined,
  open: () => Promise.reject(new Error('cannot be opened')),
});

const ignore = (): void => undefined;

describe('a part of a configuration', () => {
  it('is shared by those that agree on it, and closed with the last of them', async () => {
    const { kept, log } = createParts();
    const first = await kept.hold(of(undefined));
    const second = await kept.hold(of(undefined, 'other'));
    await first.release();
    await first.release();
    expect(second.part).toBe(first.part);
    expect(log).toEqual(['open 1']);

    await second.release();

    expect(log).toEqual(['open 1', 'close 1']);
  });

  it('is another one where they do not agree, and the one of before lasts as long as it is held', async () => {
    const { kept, log } = createParts();
    const before = await kept.hold(of(undefined));
    const after = await kept.hold(of('fapi2'));
    expect(after.part).not.toBe(before.part);

    // As after a reload that was taken back: what is still open is there.
    expect((await kept.hold(of(undefined))).part).toBe(before.part);
    await after.release();

    expect(log).toEqual(['open 1', 'open 2', 'close 2']);
  });

  it('asks for secrets of what came into force, and of nothing that did not', async () => {
    const { kept } = createParts();
    const { part, take } = await kept.hold(of(undefined, 'first'));
    take();
    const next = await kept.hold(of(undefined, 'second'));
    expect(part.salt()).toBe('first');

    next.take();

    expect(part.salt()).toBe('second');
  });

  it('is closed with everything, held or not', async () => {
    const { kept, log } = createParts();
    await kept.hold(of(undefined));
    await kept.close();

    expect(log).toEqual(['open 1', 'close 1']);
  });
});

describe('a configuration that cannot be opened as a whole', () => {
  it('closes what was opened of it, and nothing else', async () => {
    const { kept, log } = createParts();
    await kept.hold(of(undefined));

    await expect(
      holdAll([kept.hold(of('fapi2')), failing.hold(of('fapi2')), kept.hold(of(undefined))]),
    ).rejects.toThrow('cannot be opened');

    expect(log).toEqual(['open 1', 'open 2', 'close 2']);
  });
});

describe('a configuration that is over', () => {
  it('is closed after the last request that began by it', async () => {
    const { kept, log } = createParts();
    const { hold, end } = createHolding(await holdAll([kept.hold(of(undefined))]), ignore);
    const [one, other] = [hold(), hold()];
    end();
    one();
    one();
    expect(log).toEqual(['open 1']);

    other();

    expect(log).toEqual(['open 1', 'close 1']);
  });

  it('is closed at once where no request is under way, and once', async () => {
    const { kept, log } = createParts();
    const { hold, end } = createHolding(await holdAll([kept.hold(of(undefined))]), ignore);
    hold()();
    expect(log).toEqual(['open 1']);
    end();
    end();

    expect(log).toEqual(['open 1', 'close 1']);
  });

  it('tells of a part that could not be closed', async () => {
    const told: unknown[] = [];
    const part = { take: ignore, release: () => Promise.reject(new Error('stuck')) };
    createHolding([part], (error) => told.push(error)).end();

    await expect.poll(() => told).toEqual([new Error('stuck')]);
  });
});

describe('a thousand configurations', () => {
  it('leave one open', async () => {
    const { kept, log } = createParts();
    let last = createHolding(await holdAll([kept.hold(of(undefined))]), ignore);
    for (let count = 1; count <= 1000; count += 1) {
      const next = createHolding(
        await holdAll([kept.hold(of(count % 2 === 0 ? undefined : 'fapi2'))]),
        ignore,
      );
      const finish = last.hold();
      next.take();
      last.end();
      finish();
      last = next;
    }

    expect(log.filter((line) => line.startsWith('open'))).toHaveLength(1001);
    expect(log.filter((line) => line.startsWith('close'))).toHaveLength(1000);
  });
});
