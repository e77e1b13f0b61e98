import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import type { Unavailable } from '../../internal/protocol/errors.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { createHttpBackend, type HttpBackendOptions } from '../../internal/userinfo/http.ts';

const ALICE = toSubject('alice');
const START = 1_800_000_000;

let server: Server;
let url: string;
let status: number;
let delay: number;
let asked: string[];
let time: number;
let problems: Unavailable[];

beforeEach(async () => {
  status = 200;
  delay = 0;
  asked = [];
  time = START;
  problems = [];
  server = createServer(({ url: path = '' }, response) => {
    const name = path.slice(1);
    asked.push(name);
    const body = JSON.stringify({ name, groups: [`${asked.length}`] });
    const answer = status;
    setTimeout(
      () => response.writeHead(answer, { 'content-type': 'application/json' }).end(body),
      delay,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{sub}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const openBackend = (options: Partial<HttpBackendOptions> = {}) =>
  createHttpBackend(
    { url, ttl: 60, negativeTtl: 5, staleIfError: 300, timeout: 5, ...options },
    {
      now: () => time,
      outbound: createOutbound(anyAddress),
      onProblem: (problem) => problems.push(problem),
    },
  );

const UNAVAILABLE = { name: 'Unavailable', dependency: 'userinfo' };

describe('userinfo http: fresh answers', () => {
  it('asks once per ttl, and again when it is over', async () => {
    const backend = openBackend();

    await backend.find(ALICE, {});
    time = START + 59;
    await backend.find(ALICE, {});
    expect(asked).toHaveLength(1);

    time = START + 60;
    expect(await backend.find(ALICE, {})).toEqual({ name: 'alice', groups: ['2'] });
  });

  it('does not know a deleted End-User once the ttl is over (UP-12)', async () => {
    const backend = openBackend();
    await backend.find(ALICE, {});

    status = 404;
    time = START + 60;

    expect(await backend.find(ALICE, {})).toBeUndefined();
  });

  it('remembers an unknown End-User briefly, so that they can be created', async () => {
    const backend = openBackend();
    status = 404;
    await backend.find(ALICE, {});

    status = 200;
    time = START + 4;
    expect(await backend.find(ALICE, {})).toBeUndefined();
    expect(asked).toHaveLength(1);
    time = START + 5;

    expect(await backend.find(ALICE, {})).toMatchObject({ name: 'alice' });
  });

  it('asks every time with a ttl of 0', async () => {
    const backend = openBackend({ ttl: 0 });

    await backend.find(ALICE, {});
    await backend.find(ALICE, {});
    status = 404;
    await backend.find(ALICE, {});
    await backend.find(ALICE, {});

    expect(asked).toHaveLength(4);
  });

  it('counts the age from the question, not from the answer', async () => {
    const backend = openBackend();
    delay = 50;
    const answer = backend.find(ALICE, {});
    time = START + 30;
    await answer;

    time = START + 60;
    await backend.find(ALICE, {});

    expect(asked).toHaveLength(2);
  });

  it('trusts no answer from the future after the clock was set back', async () => {
    const backend = openBackend();
    await backend.find(ALICE, {});

    time = START - 3600;
    await backend.find(ALICE, {});

    expect(asked).toHaveLength(2);
  });

  it('asks one question per subject for a hundred callers at once', async () => {
    const backend = openBackend();
    delay = 50;

    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        backend.find(toSubject(index % 2 === 0 ? 'alice' : 'bob'), {}),
      ),
    );

    expect([...asked].sort()).toEqual(['alice', 'bob']);
    expect(answers.filter((claims) => claims?.['name'] === 'alice')).toHaveLength(50);
  });

  it('shares a failure with those who waited, and asks again for the next', async () => {
    const backend = openBackend();
    status = 500;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => backend.find(ALICE, {})),
    );
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
    expect(asked).toHaveLength(1);

    status = 200;

    expect(await backend.find(ALICE, {})).toMatchObject({ name: 'alice' });
  });
});

describe('userinfo http: bounds (N7)', () => {
  it('remembers at most max_entries, the least recently used leaving first', async () => {
    const backend = openBackend({ maxEntries: 2 });

    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await backend.find(toSubject(name), {});

    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });

  it('refuses further questions instead of queueing them, and recovers', async () => {
    const backend = openBackend();
    delay = 100;
    const ask = (index: number) => backend.find(toSubject(`s${index}`), {});
    const flood = Array.from({ length: 128 }, (_, index) => ask(index));

    await expect(ask(128)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: 'userinfo did not answer: too many questions under way',
    });
    expect(await ask(0)).toMatchObject({ name: 's0' });
    await Promise.all(flood);

    expect(await ask(128)).toMatchObject({ name: 's128' });
  });

  it('forgets everything when closed', async () => {
    const backend = openBackend();
    await backend.find(ALICE, {});

    await backend.close();
    await backend.find(ALICE, {});

    expect(asked).toHaveLength(2);
  });
});

describe('userinfo http: stale-if-error (N6)', () => {
  it('answers the last claims during an outage, for a bounded time, then is unavailable', async () => {
    const backend = openBackend();
    await backend.find(ALICE, {});
    status = 500;

    time = START + 60;
    expect(await backend.find(ALICE, {})).toEqual({ name: 'alice', groups: ['1'] });
    time = START + 359;
    expect(await backend.find(ALICE, {})).toEqual({ name: 'alice', groups: ['1'] });
    time = START + 360;

    await expect(backend.find(ALICE, {})).rejects.toMatchObject({
      ...UNAVAILABLE,
      cause: { message: 'answered with status 500' },
    });
  });

  it('asks a broken service once in five seconds per subject, and reports one outage once', async () => {
    const backend = openBackend();
    await backend.find(ALICE, {});
    status = 500;

    for (let second = 60; second < 70; second += 1) {
      time = START + second;
      await backend.find(ALICE, {});
    }

    expect(asked).toHaveLength(1 + 2);
    expect(problems).toMatchObject([
      { ...UNAVAILABLE, cause: { message: 'answered with status 500' } },
    ]);
  });

  it('answers fresh claims within five seconds of the recovery, and reports the next outage', async () => {
    const backend = openBackend({ ttl: 1 });
    await backend.find(ALICE, {});
    status = 500;
    time = START + 1;
    await backend.find(ALICE, {});

    status = 200;
    time = START + 6;
    expect(await backend.find(ALICE, {})).toEqual({ name: 'alice', groups: ['3'] });
    status = 500;
    time = START + 7;
    await backend.find(ALICE, {});

    expect(problems).toHaveLength(2);
  });

  it('does not extend the bounded time by the questions asked within it', async () => {
    const backend = openBackend({ ttl: 10, staleIfError: 10 });
    await backend.find(ALICE, {});
    status = 500;
    time = START + 18;
    await backend.find(ALICE, {});

    time = START + 20;

    await expect(backend.find(ALICE, {})).rejects.toMatchObject(UNAVAILABLE);
  });

  it('never brings back an End-User who was answered as unknown', async () => {
    const backend = openBackend();
    await backend.find(ALICE, {});
    status = 404;
    time = START + 60;
    await backend.find(ALICE, {});

    status = 500;
    time = START + 70;

    await expect(backend.find(ALICE, {})).rejects.toMatchObject(UNAVAILABLE);
  });

  it('does not answer "unknown" out of an old memory', async () => {
    const backend = openBackend();
    status = 404;
    await backend.find(ALICE, {});

    status = 500;
    time = START + 5;

    await expect(backend.find(ALICE, {})).rejects.toMatchObject(UNAVAILABLE);
  });

  it('covers nobody who was not asked about before, and nobody with staleIfError 0', async () => {
    const strict = openBackend({ staleIfError: 0 });
    await strict.find(ALICE, {});
    status = 500;
    time = START + 60;

    await expect(openBackend().find(ALICE, {})).rejects.toMatchObject(UNAVAILABLE);
    await expect(strict.find(ALICE, {})).rejects.toMatchObject(UNAVAILABLE);
  });
});

describe('userinfo http: what is forgotten when somebody says so', () => {
  it('is asked again, of one subject or of all, and the number of answers is told', async () => {
    const backend = openBackend();
    await backend.find(ALICE, {});
    await backend.find(toSubject('bob'), {});

    expect(backend.recall?.(ALICE)).toEqual({ age: 0, isFresh: true, isKnown: true });
    expect(backend.forget?.(ALICE)).toBe(1);
    expect(backend.recall?.(ALICE)).toBeUndefined();
    expect(backend.recall?.(toSubject('bob'))).toBeDefined();
    await backend.find(ALICE, {});
    await backend.find(toSubject('bob'), {});
    expect(asked).toEqual(['alice', 'bob', 'alice']);
    expect(backend.forget?.(undefined)).toBe(2);
    expect(backend.forget?.(ALICE)).toBe(0);
  });

  it('stays forgotten when what was being asked at that moment arrives', async () => {
    const backend = openBackend();
    delay = 1000;
    const before = backend.find(ALICE, {});
    await expect.poll(() => asked).toEqual(['alice']);
    backend.forget?.(ALICE);
    delay = 0;
    const after = await backend.find(ALICE, {});
    await before;

    expect(asked).toEqual(['alice', 'alice']);
    expect(after).toMatchObject({ groups: ['2'] });
    expect(await backend.find(ALICE, {})).toMatchObject({ groups: ['2'] });
  });

  it('counts as old when its time is over, and as unknown where nobody was', async () => {
    const backend = openBackend();
    await backend.find(ALICE, {});
    time += 61;
    expect(backend.recall?.(ALICE)).toEqual({ age: 61, isFresh: false, isKnown: true });
    status = 404;
    await backend.find(ALICE, {});
    expect(backend.recall?.(ALICE)).toMatchObject({ isKnown: false, isFresh: true });
  });
});
