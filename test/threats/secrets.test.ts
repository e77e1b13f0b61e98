import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { DEVICE_CODE } from '../../internal/protocol/names.ts';
import { s256 } from '../support/pkce.ts';
import {
  CLIENT_SECRET,
  type Metadata,
  makeFolder,
  type Program,
  REDIRECT_URI,
  runProgram,
  startProgram,
  UPSTREAM_SECRET,
} from '../support/program.ts';
import { sendRaw } from '../support/raw-http.ts';
import { startRedis } from '../support/redis-server.ts';
import { basic } from '../support/requests.ts';
import { found, keep, type Story, spellings, textOf } from './secrets.fixture.ts';
import {
  ALICE,
  APP,
  ask,
  authorize,
  codeOf,
  FORM,
  HOST,
  honest,
  refresh,
  SECRET,
  submit,
  type Tokens,
  unproven,
  user,
} from './threats.fixture.ts';

const VERIFIER = 'canary-verifier-canary-verifier-canary-verifier-0123456789';
const PASSWORD = 'canary+redis/password=0123456789';
const CLIENTS: readonly Metadata[] = [
  { client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
  {
    client_id: 'asking',
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    consent: 'always',
  },
  {
    client_id: 'tv',
    token_endpoint_auth_method: 'none',
    grant_types: [DEVICE_CODE, 'refresh_token'],
  },
];

async function redeemOnce(program: Program, story: Story): Promise<Tokens> {
  const pkce = { code_challenge: s256(VERIFIER), code_challenge_method: 'S256' };
  const code = codeOf(await ask(program.public, [authorize(pkce), HOST, SECRET, ALICE]));
  const fields = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
  };
  const { body } = await submit(program.public, '/token', fields, `Authorization: ${APP}`);
  const tokens: Tokens = JSON.parse(body);
  keep(story, code, tokens.access_token, tokens.id_token, tokens.refresh_token);
  return tokens;
}

/** A device that alice lets in. */
async function connectDevice({ public: target }: Program, story: Story): Promise<void> {
  const client_id = 'tv';
  const asked = await submit(target, '/device_authorization', { client_id, scope: 'openid' });
  const { device_code, user_code } = JSON.parse(asked.body);
  const poll = { client_id, grant_type: DEVICE_CODE, device_code };
  story.strangers.push(await submit(target, '/token', poll));
  const { body } = await submit(target, '/device', { user_code }, SECRET, ALICE);
  const handle = /name="handle" value="([^"]+)"/.exec(body)?.[1];
  await submit(target, '/device', { handle, decision: 'allow' }, SECRET, ALICE);
  const tokens: Tokens = JSON.parse((await submit(target, '/token', poll)).body);
  keep(story, device_code, user_code, handle);
  keep(story, tokens.access_token, tokens.id_token, tokens.refresh_token);
}

/** The same page for a code, in all response modes, and a page that waits. */
async function lookAround(program: Program, story: Story): Promise<void> {
  const posted = authorize({ response_mode: 'form_post' });
  keep(story, codeOf(await ask(program.public, [posted, HOST, SECRET, ALICE])));
  const waiting = authorize({ client_id: 'asking' });
  const { body } = await ask(program.public, [waiting, HOST, SECRET, ALICE]);
  const handle = /pr_[\w-]+\.[\w-]+/.exec(body)?.[0];
  keep(story, handle);
  const decided = await submit(
    program.public,
    '/consent',
    { handle, decision: 'allow' },
    SECRET,
    ALICE,
  );
  keep(story, codeOf(decided));
}

/** Everything goes where it does not belong, as it does when a client has a mistake in it. */
async function blunder(program: Program, story: Story, tokens: Tokens): Promise<void> {
  const { public: target } = program;
  const all = [...story.secrets, CLIENT_SECRET, VERIFIER, UPSTREAM_SECRET];
  const wrong = `Authorization: ${basic('app', `${CLIENT_SECRET}x`)}`;
  for (const secret of all) {
    const answers = [
      ask(target, [authorize({ client_id: secret }), HOST, SECRET, ALICE]),
      ask(target, [authorize({ redirect_uri: secret }), HOST, SECRET, ALICE]),
      ask(target, [authorize({ scope: `openid ${secret}"` }), HOST, SECRET, ALICE]),
      ask(target, unproven(`X-Asteroid-Upstream-Secret: ${secret}x`, ALICE)),
      ask(target, unproven(SECRET, user(`${secret},`))),
      ask(target, [`GET /token?client_secret=${encodeURIComponent(secret)} HTTP/1.1`, HOST]),
      ask(target, [`GET /${encodeURIComponent(secret)} HTTP/1.1`, HOST]),
      submit(target, '/token', { grant_type: secret, code: secret }, wrong),
      submit(target, '/token', { grant_type: 'authorization_code', code: secret }, wrong),
      submit(target, '/token', { grant_type: 'refresh_token', refresh_token: secret }, wrong),
      submit(target, '/introspect', { token: secret }, wrong),
      submit(target, '/revoke', { token: secret }, `Authorization: Basic ${secret}`),
      submit(target, '/consent', { handle: secret, decision: secret }, SECRET, ALICE),
      submit(target, '/account', { handle: secret, decision: secret }, SECRET, ALICE),
      submit(target, '/device', { handle: secret, decision: secret }, SECRET, ALICE),
      submit(target, '/device', { user_code: secret }, SECRET, ALICE),
      ask(target, [
        `GET /device?user_code=${encodeURIComponent(secret)} HTTP/1.1`,
        HOST,
        SECRET,
        ALICE,
      ]),
      submit(target, '/device_authorization', { scope: secret }, wrong),
      submit(target, '/token', { grant_type: DEVICE_CODE, device_code: secret }, wrong),
      ask(target, ['GET /userinfo HTTP/1.1', HOST, `Authorization: Bearer ${secret}x`]),
    ];
    story.strangers.push(...(await Promise.all(answers)));
  }
  const bearer = `Authorization: Bearer ${tokens.access_token}`;
  story.strangers.push(
    await ask(target, ['GET /userinfo HTTP/1.1', HOST, bearer]),
    await submit(target, '/introspect', { token: tokens.refresh_token }, `Authorization: ${APP}`),
  );
  await sendRaw(target, `GET /${UPSTREAM_SECRET} HTTP/9.9\r\nX: ${CLIENT_SECRET}\r\n\r\n`);
}

/** A whole day of an issuer: sign-ins, refreshes, replays, mistakes and attacks. */
async function live(program: Program, story: Story): Promise<void> {
  const { public: target } = program;
  const tokens = await redeemOnce(program, story);
  await lookAround(program, story);
  await connectDevice(program, story);
  const next: Tokens = JSON.parse((await refresh(target, tokens.refresh_token)).body);
  keep(story, next.access_token, next.id_token, next.refresh_token);
  const again: Tokens = JSON.parse((await refresh(target, tokens.refresh_token)).body);
  keep(story, again.access_token, again.refresh_token);
  await blunder(program, story, next);
  const newest: Tokens = JSON.parse((await refresh(target, next.refresh_token)).body);
  keep(story, newest.access_token, newest.id_token, newest.refresh_token);
  story.strangers.push(await refresh(target, tokens.refresh_token));
  const other = await redeemOnce(program, story);
  await submit(target, '/revoke', { token: other.refresh_token }, `Authorization: ${APP}`);
  story.strangers.push(await refresh(target, other.refresh_token));
  keep(story, (await redeemOnce(program, story)).id_token);
}

const begin = (...more: readonly string[]): Story => ({
  secrets: new Set([CLIENT_SECRET, VERIFIER, UPSTREAM_SECRET, ...more]),
  strangers: [],
});

describe('secrets, after a day of sign-ins and attacks (DO-7)', () => {
  it('stand in no line of the log at level debug, and in no answer to anybody else', async () => {
    const program = await startProgram({ clients: CLIENTS });
    const story = begin();
    await live(program, story);

    expect(story.secrets.size).toBeGreaterThan(30);
    expect(program.logged().length).toBeGreaterThan(200);
    expect(found(program.logText(), story)).toEqual([]);
    expect(story.strangers.length).toBeGreaterThan(200);
    expect(found(textOf(story), story)).toEqual([]);
  });

  it('stand nowhere in Redis, not in what it was sent, and not in the log when it dies', async () => {
    const redis = await startRedis(['--requirepass', PASSWORD]);
    const url = `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${redis.port}`;
    // Before anybody else is there: ioredis takes what is monitored for a reply where the two come in one piece.
    const client = new Redis(url);
    await client.ping();
    const monitor = await client.monitor();
    let sent = '';
    monitor.on('monitor', (_time: string, words: readonly string[]) => {
      sent += `${words.join('\n')}\n`;
    });
    const program = await startProgram({
      clients: CLIENTS,
      config: {
        store: { driver: 'redis', redis: { url_file: 'redis-url', deadline: '2s' } },
      },
      files: { 'redis-url': url },
    });
    const story = begin(PASSWORD);
    await live(program, story);
    const dump = await dumpOf(client);
    monitor.disconnect();
    client.disconnect();
    await redis.kill();
    story.strangers.push(
      await refresh(program.public, `rt_${'a'.repeat(22)}.${'b'.repeat(22)}.${'c'.repeat(43)}`),
      await ask(program.public, honest()),
      await ask(program.at('admin'), ['GET /readyz HTTP/1.1', HOST]),
    );

    expect(dump).toContain('asteroid:');
    expect(found(dump, story)).toEqual([]);
    expect(sent.length).toBeGreaterThan(dump.length);
    expect(found(sent, story)).toEqual([]);
    expect(program.logText()).toContain('redis does not answer');
    expect(found(program.logText(), story)).toEqual([]);
    expect(found(textOf(story), story)).toEqual([]);
  });

  it('would be found: the scan sees each of them in each spelling', () => {
    const story = begin(PASSWORD);
    for (const secret of story.secrets) {
      for (const spelling of spellings(secret)) {
        expect(found(`x${spelling}y`, story)).toEqual([secret]);
      }
    }
  });
});

/** Every key and every value; throws on a type that it cannot read. */
async function dumpOf(redis: Redis): Promise<string> {
  const parts: string[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    parts.push(key);
    if (type === 'string') parts.push((await redis.get(key)) ?? '');
    else if (type === 'hash') parts.push(JSON.stringify(await redis.hgetall(key)));
    else if (type === 'zset') parts.push(...(await redis.zrange(key, '0', '-1')));
    else if (type === 'set') parts.push(...(await redis.smembers(key)));
    else throw new Error(`a key of type ${type}`);
  }
  return parts.join('\n');
}

describe('secrets in a configuration that is wrong (CF-7)', () => {
  const CANARY = 'canary-in-a-file-that-is-wrong-0123456789';

  it('are in no message about it, wherever they stand', async () => {
    const folder = await makeFolder({
      config: {
        store: { driver: 'redis', redis: { url: `redis://:${CANARY}@127.0.0.1:x` } },
        upstream: { trust: { secret: { files: ['weak'], value: CANARY } } },
        [CANARY.slice(0, 6)]: CANARY,
      },
      clients: [
        { client_id: 'a', client_secret: `${CANARY}\u0001`, redirect_uris: ['https://a.example/'] },
        { client_id: 'b', client_secret_hash: `$2b$10$${CANARY}`, redirect_uris: [CANARY] },
        { client_id: 'c', client_secrets: [CANARY], redirect_uris: ['https://c.example/'] },
      ],
      files: { weak: `${CANARY}\n${CANARY}` },
    });
    const env = { ASTEROID_CLIENT_SECRET_A: `${CANARY} ` };
    const wrong = await runProgram(['check', '--config', folder.configFile], { env });
    await folder.write('clients.yaml', `clients:\n  - client_secret: "${CANARY}\n  x: [${CANARY}`);
    const broken = await runProgram(['serve', '--config', folder.configFile], { env });

    for (const { code, stdout, stderr } of [wrong, broken]) {
      expect(code).toBe(78);
      expect(stderr.split('\n').length).toBeGreaterThan(2);
      expect(`${stdout}${stderr}`).not.toContain(CANARY);
    }
  });
});

describe('what an answer says of the program (G-22)', () => {
  it('is a request id, and nothing of its parts', async () => {
    const program = await startProgram();
    const answers = await Promise.all([
      ask(program.public, ['GET /nothing HTTP/1.1', HOST]),
      ask(program.public, ['GET /jwks.json HTTP/1.1', HOST]),
      ask(program.public, honest()),
      ask(program.public, unproven(ALICE)),
      submit(program.public, '/token', {}),
      ask(program.public, ['POST /token HTTP/1.1', HOST, FORM, 'Content-Length: 3'], '%zz'),
    ]);
    const ids = answers.map(({ headers }) => headers['x-request-id'] ?? '');

    expect(new Set(ids).size).toBe(answers.length);
    for (const { lines, body } of answers) {
      expect(lines.join('\n')).toMatch(/^X-Request-Id: [\w-]{22}$/m);
      expect(lines.join('\n')).not.toMatch(/^(Server|X-Powered-By):/im);
      expect(body).not.toMatch(/node_modules|internal\/|\.ts:|express|ioredis|\n\s+at /i);
    }
  });

  it('is not an id that the sender chose', async () => {
    const program = await startProgram();
    const { headers } = await ask(program.public, honest('X-Request-Id: of-somebody-else'));

    expect(headers['x-request-id']).not.toContain('else');
  });
});

describe('what a stranger writes (DO-6)', () => {
  it('stays in one line of JSON, short, and without anything that a terminal obeys', async () => {
    const program = await startProgram();
    const { public: target } = program;
    const nasty = '\r\n{"level":"error","msg":"forged"}\x1b[2J\u2028\u202e"\\'.padEnd(9000, 'x');
    const before = program.logged().length;
    await ask(target, [authorize({ client_id: nasty, state: nasty }), HOST, SECRET, ALICE]);
    await submit(target, '/token', { grant_type: nasty, client_id: nasty }, `User-Agent: \x9b`);
    await submit(target, '/token', { grant_type: 'refresh_token', client_id: nasty.slice(0, 200) });
    await ask(target, unproven(SECRET, user('\x9b31m')));
    await ask(target, ['GET /\x1b[31m HTTP/1.1', HOST]).catch(() => undefined);
    const lines = program.logText().trimEnd().split('\n');

    expect(program.logged()).toHaveLength(lines.length);
    expect(lines.length).toBeGreaterThan(before + 3);
    expect(program.logged().filter(({ msg }) => msg === 'forged')).toEqual([]);
    for (const line of lines) {
      expect(line.length).toBeLessThan(2000);
      expect(line).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]*$/u);
    }
  });
});
