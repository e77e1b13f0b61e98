import { beforeAll, describe, expect, it } from 'vitest';
import { type Program, startProgram, UPSTREAM_SECRET } from '../support/program.ts';
import { sendRaw } from '../support/raw-http.ts';
import {
  ALICE,
  ask,
  attempt,
  authorize,
  FORM,
  HOST,
  honest,
  lineOf,
  query,
  refused,
  SECRET,
  SIGNED_IN,
  unproven,
  user,
} from './threats.fixture.ts';

const NEXT_SECRET = 'the-secret-after-the-rotation-9876543210';
const PROXY_ELSEWHERE = ['10.42.7.0/24'];
const PROXY_HERE = ['10.42.7.0/24', '192.0.2.1/32', '127.0.0.1/32'];
const SECRET_FILE = { secret: { files: ['upstream'] } };

const trusting = (trust: object, listen: object = {}) =>
  startProgram({
    config: {
      upstream: { trust: { ...trust } },
      listen: { public: { port: 0, ...listen }, admin: { port: 0 } },
    },
  });

describe('a peer that is not the proxy (T01, UP-1)', () => {
  let program: Program;
  beforeAll(async () => {
    program = await trusting({ peers: PROXY_ELSEWHERE });
  });

  for (const { given, lines } of [
    { given: 'with an identity', lines: unproven(ALICE) },
    { given: 'without an identity', lines: unproven() },
    { given: 'with an empty identity', lines: unproven('X-Authenticated-User:') },
    { given: 'with a placeholder for an identity', lines: unproven(user('(null)')) },
    { given: 'with two identities', lines: unproven(ALICE, user('root')) },
    { given: 'asking silently', lines: [authorize({ prompt: 'none' }), HOST, ALICE] },
    { given: 'asking for a client that does not exist', lines: ['GET /authorize HTTP/1.1', HOST] },
    { given: 'with the secret of another set-up', lines: unproven(SECRET, ALICE) },
  ]) {
    it(`is answered 403 ${given}, and learns nothing about values`, async () => {
      expect(await attempt(program, lines)).toEqual(refused(403, 'untrusted_peer'));
    });
  }

  for (const path of ['/authorize', '/consent', '/account']) {
    it(`is answered 403 for a form at ${path}, before the form is read`, async () => {
      const lines = [`POST ${path} HTTP/1.1`, HOST, FORM, 'Content-Length: 3', ALICE];

      expect(await attempt(program, lines, { body: 'a=b' })).toEqual(
        refused(403, 'untrusted_peer'),
      );
    });
  }

  it('is on record once, with its address and reason and without the name it claimed', async () => {
    const answer = await ask(program.public, unproven(user('canary-of-a-name')));
    const { request_id } = lineOf(program, answer) ?? {};
    const lines = program.logged().filter((line) => line['request_id'] === request_id);

    expect(lines).toContainEqual(
      expect.objectContaining({
        msg: 'identity.refused',
        reason: 'untrusted_peer',
        peer: '127.0.0.1',
      }),
    );
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(program.logText()).not.toContain('canary-of-a-name');
  });

  it('gets a page that says nothing about what would have been accepted', async () => {
    const { body, headers } = await ask(program.public, unproven(ALICE));

    expect(headers['location']).toBeUndefined();
    expect(body).not.toMatch(/X-Authenticated|X-Asteroid|10\.42|alice/i);
  });

  for (const header of [
    'X-Forwarded-For: 10.42.7.3',
    'X-Forwarded-For: 10.42.7.3, 127.0.0.1',
    'X-Real-IP: 10.42.7.3',
    'Forwarded: for=10.42.7.3;by=10.42.7.3',
    'X-Client-IP: 10.42.7.3',
    'True-Client-IP: 10.42.7.3',
    'CF-Connecting-IP: 10.42.7.3',
    'X-Cluster-Client-IP: 10.42.7.3',
    'X-Remote-Addr: 10.42.7.3',
    'X-Envoy-External-Address: 10.42.7.3',
    'Via: 1.1 10.42.7.3',
  ]) {
    it(`stays one whatever it says about its address in "${header}" (T03)`, async () => {
      expect(await attempt(program, unproven(ALICE, header))).toEqual(
        refused(403, 'untrusted_peer'),
      );
    });
  }

  it('stays one behind a line of the PROXY protocol (T35)', async () => {
    const line = 'PROXY TCP4 10.42.7.3 127.0.0.1 51000 80\r\n';
    const { answers } = await sendRaw(
      program.public,
      `${line}${unproven(ALICE).join('\r\n')}\r\n\r\n`,
    );

    expect(answers.map(({ status }) => status)).toEqual([400]);
  });
});

describe('a peer that is the proxy (T03, T04, UP-1)', () => {
  it('signs in from an address that a later entry of the list names', async () => {
    const program = await trusting({ ...SECRET_FILE, peers: PROXY_HERE });

    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    expect(await attempt(program, honest('X-Forwarded-For: 203.0.113.9'))).toEqual(SIGNED_IN);
  });

  it('signs in over IPv4 at a listener for both, which sees ::ffff:127.0.0.1', async () => {
    const both = { host: '::' };
    const [here, elsewhere] = await Promise.all([
      trusting({ ...SECRET_FILE, peers: ['127.0.0.1/32'] }, both),
      trusting({ ...SECRET_FILE, peers: PROXY_ELSEWHERE }, both),
    ]);

    expect(await attempt(here, honest())).toEqual(SIGNED_IN);
    expect(await attempt(elsewhere, honest())).toEqual(refused(403, 'untrusted_peer'));
    expect(elsewhere.logText()).toContain('::ffff:127.0.0.1');
  });

  it('is not everybody in the next network', async () => {
    const [edge, beyond] = await Promise.all([
      trusting({ ...SECRET_FILE, peers: ['127.0.0.0/31'] }),
      trusting({ ...SECRET_FILE, peers: ['127.0.0.2/31'] }),
    ]);

    expect(await attempt(edge, honest())).toEqual(SIGNED_IN);
    expect(await attempt(beyond, honest())).toEqual(refused(403, 'untrusted_peer'));
  });
});

describe('the secret of the proxy (T02, UP-2)', () => {
  let program: Program;
  beforeAll(async () => {
    program = await trusting(SECRET_FILE);
  });
  const NAME = 'X-Asteroid-Upstream-Secret';

  for (const { given, lines } of [
    { given: 'missing', lines: [ALICE] },
    { given: 'missing, and nobody named', lines: [] },
    { given: 'empty', lines: [`${NAME}:`, ALICE] },
    { given: 'blank', lines: [`${NAME}:   \t `, ALICE] },
    { given: 'another of the same length', lines: [`${NAME}: ${'x'.repeat(36)}`, ALICE] },
    { given: 'only the beginning', lines: [SECRET.slice(0, -1), ALICE] },
    { given: 'longer', lines: [`${SECRET}0`, ALICE] },
    { given: 'in another case', lines: [`${NAME}: ${UPSTREAM_SECRET.toUpperCase()}`, ALICE] },
    { given: 'in quotes', lines: [`${NAME}: "${UPSTREAM_SECRET}"`, ALICE] },
    { given: 'behind a scheme', lines: [`${NAME}: Bearer ${UPSTREAM_SECRET}`, ALICE] },
    { given: 'sent twice', lines: [SECRET, SECRET, ALICE] },
    { given: 'right first and wrong then', lines: [SECRET, `${NAME}: wrong`, ALICE] },
    { given: 'wrong first and right then', lines: [`${NAME}: wrong`, SECRET, ALICE] },
    { given: 'joined by an earlier hop', lines: [`${SECRET}, ${UPSTREAM_SECRET}`, ALICE] },
    { given: 'in a cookie', lines: [`Cookie: ${NAME}=${UPSTREAM_SECRET}`, ALICE] },
    { given: 'in Authorization', lines: [`Authorization: Bearer ${UPSTREAM_SECRET}`, ALICE] },
    { given: 'its hash', lines: [`${NAME}: sha256:${UPSTREAM_SECRET}`, ALICE] },
  ]) {
    it(`does not pass when it is ${given}`, async () => {
      expect(await attempt(program, unproven(...lines))).toEqual(refused(403, 'upstream_secret'));
    });
  }

  it('does not pass in the query', async () => {
    const lines = [authorize({ [NAME]: UPSTREAM_SECRET }), HOST, ALICE];

    expect(await attempt(program, lines)).toEqual(refused(403, 'upstream_secret'));
  });

  it('passes under its name in any case, which is how HTTP/2 hops write it', async () => {
    const lower = SECRET.replace(NAME, NAME.toLowerCase());

    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    expect(await attempt(program, unproven(lower, ALICE))).toEqual(SIGNED_IN);
  });

  it('proves a path and not a sign-in: without an identity nobody is signed in', async () => {
    expect(await attempt(program, unproven(SECRET))).toEqual(refused(401));
  });

  it('rotates: both files count while both are listed, and only the new one after', async () => {
    const rotating = await startProgram({
      config: { upstream: { trust: { secret: { files: ['upstream', 'next'] } } } },
      files: { next: NEXT_SECRET },
    });
    const next = unproven(`${NAME}: ${NEXT_SECRET}`, ALICE);

    expect(await attempt(rotating, honest())).toEqual(SIGNED_IN);
    expect(await attempt(rotating, next)).toEqual(SIGNED_IN);

    await rotating.folder.write('upstream', NEXT_SECRET);
    await rotating.reload();

    expect(await attempt(rotating, honest())).toEqual(refused(403, 'upstream_secret'));
    expect(await attempt(rotating, next)).toEqual(SIGNED_IN);
  });

  for (const content of ['', '\n', 'short', 'changeme', `${UPSTREAM_SECRET}\nsecond line`]) {
    it(`stays what it is when the file becomes ${JSON.stringify(content.slice(-12))}`, async () => {
      const changed = await trusting(SECRET_FILE);
      await changed.folder.write('upstream', content);
      await changed.reload();

      expect(await attempt(changed, honest())).toEqual(SIGNED_IN);
      expect(await attempt(changed, unproven(`${NAME}: ${content.trim()}`, ALICE))).toMatchObject({
        subject: undefined,
      });
    });
  }
});

describe('several proofs (AND)', () => {
  it('are all needed: the right secret from the wrong address is 403', async () => {
    const program = await trusting({ ...SECRET_FILE, peers: PROXY_ELSEWHERE });

    expect(await attempt(program, honest())).toEqual(refused(403, 'untrusted_peer'));
  });

  it('are all needed: the right address without the secret is 403', async () => {
    const program = await trusting({ ...SECRET_FILE, peers: PROXY_HERE });

    expect(await attempt(program, unproven(ALICE))).toEqual(refused(403, 'upstream_secret'));
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });
});

describe('the secret is asked for with every request, not once for a connection (T12)', () => {
  it('answers 403 to a second request on a proven connection that lacks it', async () => {
    const program = await trusting(SECRET_FILE);
    const first = honest().join('\r\n');
    const second = [`GET /authorize?${query()} HTTP/1.1`, HOST, user('root')].join('\r\n');

    const { answers } = await sendRaw(program.public, `${first}\r\n\r\n${second}\r\n\r\n`, {
      answers: 2,
    });

    expect(answers.map(({ status }) => status)).toEqual([303, 403]);
  });
});
