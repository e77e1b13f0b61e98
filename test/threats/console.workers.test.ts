import { afterAll, describe, expect, it } from 'vitest';
import { TOKENS, WRITER } from '../support/admin-api.ts';
import { createVisitor, signInOf } from '../support/console.ts';
import { CLIENT_SECRET, REDIRECT_URI } from '../support/program.ts';
import { openRaw, type RawConnection } from '../support/raw-http.ts';
import { basic } from '../support/requests.ts';
import { until } from '../support/until.ts';
import { ask, FORM, HOST, honest } from './threats.fixture.ts';
import { spawnWorkers, stopRedis, type Workers } from './workers.fixture.ts';

/** Each test starts several processes, and the machine may be busy. */
const PATIENT = { timeout: 90_000, retry: 1 };

afterAll(stopRedis);

const MACHINE = { client_id: 'machine', client_secret: CLIENT_SECRET };
const APP = { client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] };

async function send(connection: RawConnection, lines: readonly string[], body = '') {
  connection.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return (await connection.next()).status;
}

/** A connection that stays, and which worker is at its other end. */
async function openLane({ child, public: target }: Workers) {
  const requests = () => child.logged().filter(({ msg }) => msg === 'request');
  const before = requests().length;
  const connection = await openRaw(target);
  await send(connection, ['GET /jwks.json HTTP/1.1', HOST]);
  await until(() => requests().length > before);
  return { connection, worker: requests()[before]?.['worker'] };
}

async function openLanes(workers: Workers) {
  const one = await openLane(workers);
  for (;;) {
    const other = await openLane(workers);
    if (other.worker !== one.worker) return [one.connection, other.connection] as const;
    other.connection.destroy();
  }
}

const GRANT = 'grant_type=client_credentials';
const TOKEN_REQUEST = [
  ...['POST /token HTTP/1.1', HOST, FORM, `Content-Length: ${GRANT.length}`],
  `Authorization: ${basic('machine', CLIENT_SECRET)}`,
];

/** The most of a minute, as a plot says it; undefined where it has no such line. */
const most = (body: string, title: string, line: string): number | undefined => {
  const [, count] =
    new RegExp(`aria-label="${title},[^"]* ${line}: at most ([\\d.]+),`).exec(body) ?? [];
  return count === undefined ? undefined : Number(count);
};

describe('the console of an issuer of two workers (O22)', PATIENT, () => {
  it('draws the last hour of both, whichever draws it, and is left at both', async () => {
    const workers = await spawnWorkers({
      config: { admin: { tokens: TOKENS, console: { enabled: true } } },
      clients: [APP, { ...MACHINE, grant_types: ['client_credentials'] }],
    });
    const [forPeople, forMachines] = await openLanes(workers);
    const origin = `http://127.0.0.1:${'port' in workers.admin ? workers.admin.port : 0}`;
    const visitor = createVisitor(origin);
    expect((await visitor.signIn(WRITER)).status).toBe(303);
    const cookie = `Cookie: ${signInOf(visitor)}`;
    // On a connection of its own: any worker may answer.
    const open = () => ask(workers.admin, ['GET /console HTTP/1.1', 'Host: 127.0.0.1', cookie]);
    const isWhole = (body: string): boolean =>
      (most(body, 'Sign-ins', 'Sign-ins') ?? 0) > 0 && (most(body, 'Tokens', 'client') ?? 0) > 0;

    // A step takes ten seconds, and what came before a worker began to count is in none.
    await until(async () => {
      expect(await send(forPeople, honest())).toBe(303);
      expect(await send(forMachines, TOKEN_REQUEST, GRANT)).toBe(200);
      const pages = await Promise.all(Array.from({ length: 8 }, open));
      return pages.every(({ body }) => isWhole(body));
    });
    expect((await open()).body).toContain('<dt>Processes</dt><dd>2</dd>');

    const page = await visitor.open('/console');
    const [, proof = ''] = /name="proof" value="([^"]*)"/.exec(page.body) ?? [];
    expect((await visitor.send('/console/sign-out', { proof })).status).toBe(303);
    const after = await Promise.all(Array.from({ length: 8 }, open));
    expect(after.map(({ status }) => status)).toEqual(after.map(() => 303));
  });
});
