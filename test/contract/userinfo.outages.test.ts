// What becomes of questions while the source of claims is killed, frozen, slow or locked: the same for
// each remote backend, with a real server.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toSubject } from '../../internal/protocol/ids.ts';
import { NAMES, PASSWORD, RIGS, type Rig } from '../support/backend-rigs.ts';
import { type Opened, openBackend } from '../support/backends.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const [FIRST = '', SECOND = '', THIRD = ''] = NAMES;
const UNAVAILABLE = { name: 'Unavailable', dependency: 'userinfo' };
const named = (name: string) => ({ name: name.toUpperCase() });

for (const [type, start] of Object.entries(RIGS)) {
  describe(`userinfo ${type}: outages (N6, N7)`, () => {
    let rig: Rig;
    let proxy: TcpProxy;
    let folder: string;
    let passwordFile: string;
    let backend: Opened;
    beforeAll(async () => {
      rig = await start();
      proxy = await startTcpProxy(rig.port);
      folder = await mkdtemp(path.join(tmpdir(), 'asteroid-outages-'));
      passwordFile = path.join(folder, 'password');
    }, 60_000);
    afterAll(async () => {
      await proxy.stop();
      await rig.close();
      await rm(folder, { recursive: true });
    });
    beforeEach(async () => {
      await writeFile(passwordFile, PASSWORD);
      backend = await open();
    });
    afterEach(() => backend.close());

    const open = (timeout = '10s') =>
      openBackend({ ...rig.toOptions(proxy.port, passwordFile), timeout });
    const find = async (name: string, from = backend) => from.find(toSubject(name), {});

    it('covers those it knew while the server is dead, and is well again after it', async () => {
      expect(await find(FIRST)).toMatchObject(named(FIRST));
      expect(await find('nobody')).toBeUndefined();
      await rig.kill();

      backend.at(61);
      expect(await find(FIRST)).toMatchObject(named(FIRST));
      await expect(find(SECOND)).rejects.toMatchObject(UNAVAILABLE);
      await expect(find('nobody')).rejects.toMatchObject(UNAVAILABLE);
      expect(backend.problems).toHaveLength(1);
      backend.at(361);
      await expect(find(FIRST)).rejects.toMatchObject(UNAVAILABLE);

      await rig.restart();
      expect(await find(FIRST)).toMatchObject(named(FIRST));
      expect(await find('nobody')).toBeUndefined();
    });

    it('waits for a frozen server no longer than its timeout, however many ask', async () => {
      const hasty = await open('300ms');
      const patient = backend;
      await find(FIRST, hasty);
      await rig.pause();

      hasty.at(61);
      const others = await Promise.allSettled(NAMES.slice(1).map((name) => find(name, hasty)));
      expect(others.map(({ status }) => status)).toEqual(others.map(() => 'rejected'));
      expect(await find(FIRST, hasty)).toMatchObject(named(FIRST));
      rig.resume();

      expect(await find(SECOND, patient)).toMatchObject(named(SECOND));
      // What it was asked while it was frozen, it answers to nobody first.
      await expect
        .poll(() => find(SECOND, hasty).catch(() => undefined), { timeout: 10_000 })
        .toMatchObject(named(SECOND));
      await hasty.close();
    });

    it('takes a slow answer, and none that is slower than its timeout', async () => {
      const hasty = await open('400ms');
      proxy.delayAnswers(60);
      expect(await find(FIRST)).toMatchObject(named(FIRST));
      proxy.delayAnswers(2000);
      await expect(find(SECOND, hasty)).rejects.toMatchObject(UNAVAILABLE);
      proxy.delayAnswers(0);

      await expect
        .poll(() => find(THIRD, hasty).catch(() => undefined), { timeout: 10_000 })
        .toMatchObject(named(THIRD));
      await hasty.close();
    });

    it('asks again on a connection of its own where those that it kept are gone', async () => {
      await find(FIRST);
      proxy.cutAll();

      expect(await find(SECOND)).toMatchObject(named(SECOND));
      expect(backend.problems).toEqual([]);
    });

    it('fails while its password is wrong, and needs no restart when the file is right', async () => {
      await rig.setPassword('another-password');
      await expect(find(FIRST)).rejects.toMatchObject(UNAVAILABLE);

      await writeFile(passwordFile, 'another-password\n');
      expect(await find(FIRST)).toMatchObject(named(FIRST));

      await rig.setPassword(PASSWORD);
      await writeFile(passwordFile, PASSWORD);
      expect(await find(SECOND, await open())).toMatchObject(named(SECOND));
    });

    it('says in one word why it cannot tell, for whoever looks somebody up', async () => {
      const wordOf = async (from = backend) => {
        const [answer] = (await from.lookUp?.(toSubject(FIRST))) ?? [];
        return answer?.problem ?? answer?.outcome;
      };
      const fresh = async (timeout?: string) => {
        const opened = await open(timeout);
        const word = await wordOf(opened);
        await opened.close();
        return word;
      };
      expect(await fresh()).toBe('known');

      await writeFile(passwordFile, 'another-password');
      expect(await fresh()).toBe('credentials');
      await rm(passwordFile);
      expect(await fresh()).toBe('unreadable');
      await writeFile(passwordFile, PASSWORD);
      await rig.pause();
      expect(await fresh('300ms')).toBe('timeout');
      rig.resume();
      expect(await wordOf()).toBe('known');
      await rig.kill();
      expect(await fresh()).toBe('unreachable');
      backend.forget?.(undefined);
      expect(await wordOf(), 'on connections that were open').toBe('unreachable');

      await rig.restart();
      expect(await fresh()).toBe('known');
    });

    it('never repeats the password in an error', async () => {
      await writeFile(passwordFile, 'hunter2-hunter2');
      const refused = await find(FIRST).catch((error: unknown) => error);

      expect(refused).toMatchObject(UNAVAILABLE);
      expect(printed(refused)).not.toContain('hunter2');
    });

    it('answers a thousand at once, each with their own claims', async () => {
      const names = Array.from({ length: 1000 }, (_, index) => NAMES[index % 20] ?? '');
      const answers = await Promise.all(names.map((name) => find(name)));

      expect(answers.map((claims) => claims?.['name'])).toEqual(
        names.map((name) => name.toUpperCase()),
      );
    });

    it('refuses most of a thousand who are all others, and mixes up nobody', async () => {
      const names = Array.from({ length: 1000 }, (_, index) => NAMES[index] ?? `stranger${index}`);
      const outcomes = await Promise.allSettled(names.map((name) => find(name)));

      const answered = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(answered).toHaveLength(128);
      expect(answered.slice(0, 20).map((claims) => claims?.['name'])).toEqual(
        NAMES.map((name) => name.toUpperCase()),
      );
      expect(answered.slice(20).filter((claims) => claims !== undefined)).toEqual([]);
      expect(await find('stranger999')).toBeUndefined();
    });
  });
}

/** An error with everything in it, causes included. */
function printed(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.stack, JSON.stringify(error), printed(error.cause)].join('\n');
}
