import { createHmac, createPublicKey } from 'node:crypto';
import { CompactEncrypt, importJWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Metadata, type Program, startProgram } from '../support/program.ts';
import {
  AUDIENCE,
  claimsAt,
  createSigner,
  type KeyService,
  SIGNER_ISSUER,
  type Signer,
  setOf,
  startKeyService,
  text,
} from '../support/signer.ts';
import { claimsOf } from '../support/tokens.ts';
import {
  ALICE,
  ask,
  attempt,
  authorize,
  FORM,
  HOST,
  lineOf,
  query,
  redeem,
  refused,
  SECRET,
  SIGNED_IN,
  unproven,
} from './threats.fixture.ts';

const HEADER = 'X-Proxy-Assertion';
const TRUST = { secret: { files: ['upstream'] } };
const NOW = Math.floor(Date.now() / 1000);

let signer: Signer;
let stranger: Signer;
let service: KeyService;
let program: Program;

const options = (different: Metadata = {}): Metadata => ({
  header: HEADER,
  algorithms: ['ES256'],
  jwks_uri: service.uri,
  issuer: SIGNER_ISSUER,
  audience: [AUDIENCE, 'second-audience'],
  ...different,
});

const starting = (different: Metadata = {}, upstream: Metadata = {}): Promise<Program> =>
  startProgram({
    config: { upstream: { trust: TRUST, assertion: options(different), ...upstream } },
  });

const proven = (...lines: readonly string[]): readonly string[] => unproven(SECRET, ...lines);
const asserting = (token: string, ...more: readonly string[]): readonly string[] =>
  proven(`${HEADER}: ${token}`, ...more);

const claims = (different: object = {}): object =>
  claimsAt(Math.floor(Date.now() / 1000), different);

/** The last refusal on record. */
const detailOf = ({ logged }: Program) => {
  const event = logged().findLast(({ msg }) => msg === 'identity.refused');
  return event?.['detail'];
};

const INVALID = refused(401, 'assertion_invalid');

async function expectInvalid(token: string, detail: string, at = program): Promise<void> {
  expect(await attempt(at, asserting(token))).toEqual(INVALID);
  expect(detailOf(at)).toBe(detail);
}

beforeAll(async () => {
  [signer, stranger] = await Promise.all([createSigner('key-1'), createSigner('key-1')]);
  service = await startKeyService(text(setOf(signer)));
  program = await starting();
});

describe('an assertion', () => {
  it('signs its subject in, with what is signed and nothing that is not', async () => {
    const said = { email: 'alice@proxy.example', name: 'Älice', groups: ['staff', 'a,b'] };
    const token = await signer.sign(claims({ ...said, email_verified: true, admin: true }));
    const lines = asserting(
      token,
      ALICE.replace('alice', 'root'),
      'X-Authenticated-Email: r@x.example',
    );
    const { headers } = await ask(program.public, lines);
    const code = new URL(headers['location'] ?? '').searchParams.get('code') ?? '';
    const { id_token } = await redeem(program.public, code);

    expect(claimsOf(id_token)).toMatchObject({ sub: 'alice', ...said });
    expect(claimsOf(id_token)).not.toHaveProperty('email_verified');
    expect(claimsOf(id_token)).not.toHaveProperty('admin');
  });

  it('is awaited also before a form, and the form is read then', async () => {
    const token = await signer.sign(claims());
    const body = query();
    const lines = [
      'POST /authorize HTTP/1.1',
      HOST,
      SECRET,
      FORM,
      `Content-Length: ${body.length}`,
    ];

    expect(await attempt(program, [...lines, `${HEADER}: ${token}`], { body })).toEqual(SIGNED_IN);
    expect(await attempt(program, [...lines, `${HEADER}: ${token}x`], { body })).toEqual(INVALID);
  });

  it('counts for the second audience and for a list with it', async () => {
    for (const aud of ['second-audience', ['somebody-else', AUDIENCE]]) {
      expect(await attempt(program, asserting(await signer.sign(claims({ aud }))))).toEqual(
        SIGNED_IN,
      );
    }
  });

  it('that is not there or empty names nobody, also beside plain headers', async () => {
    for (const lines of [[], [ALICE], [`${HEADER}:`], [`${HEADER}:  `, ALICE]]) {
      expect(await attempt(program, proven(...lines))).toEqual(refused(401));
    }
  });

  it('does not replace the proof of the proxy, and is not even looked at without it', async () => {
    const token = await signer.sign(claims());
    const asked = service.asked.length;

    expect(await attempt(program, unproven(`${HEADER}: ${token}`))).toEqual(
      refused(403, 'upstream_secret'),
    );
    expect(await attempt(program, unproven(`${HEADER}: ${token.slice(0, -1)}`))).toEqual(
      refused(403, 'upstream_secret'),
    );
    expect(service.asked.length).toBe(asked);
  });

  it('is refused under an alias, twice, and when Connection names it', async () => {
    const token = await signer.sign(claims());
    const alias = HEADER.replaceAll('-', '_');

    expect(await attempt(program, asserting(token, `${alias}: ${token}`))).toEqual(
      refused(400, 'header_alias'),
    );
    expect(await attempt(program, asserting(token, `${HEADER}: ${token}`))).toEqual(
      refused(400, 'duplicate_header'),
    );
    expect(await attempt(program, asserting(token, `Connection: ${HEADER}`))).toEqual(
      refused(400, 'hop_by_hop'),
    );
  });

  it('is not told why it is refused; the record is, and repeats nothing of it', async () => {
    const token = await signer.sign(claims({ sub: 'canary-subject', aud: 'canary-audience' }));
    const answer = await ask(program.public, asserting(token));

    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Upstream /);
    expect(answer.body).not.toMatch(/audience|assertion/);
    expect(lineOf(program, answer)?.['reason']).toBe('assertion_invalid');
    expect(detailOf(program)).toBe('audience');
    expect(program.logText()).not.toContain('canary');
    expect(program.logText()).not.toContain(token.split('.')[2]);
  });

  it('counts for a silent request too, and nobody else is asked for', async () => {
    const silent = [authorize({ prompt: 'none' }), HOST, SECRET];

    expect(
      await attempt(program, [...silent, `${HEADER}: ${await signer.sign(claims())}`]),
    ).toEqual(SIGNED_IN);
    expect(
      await attempt(program, [...silent, `${HEADER}: ${await stranger.sign(claims())}`]),
    ).toEqual(INVALID);
  });
});

describe('a forged or confused assertion (T19)', () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('is refused without a signature', async () => {
    const payload = part(claims());
    for (const alg of ['none', 'None', 'nOnE']) {
      const header = part({ alg, kid: 'key-1' });
      await expectInvalid(`${header}.${payload}.`, 'form');
      await expectInvalid(`${header}.${payload}.AAAA`, 'algorithm');
    }
    await expectInvalid(`${part({ alg: 'ES256', kid: 'key-1' })}.${payload}.AAAA`, 'signature');
  });

  it('is refused when its MAC is made with the public key', async () => {
    const key = createPublicKey({ key: signer.spki });
    const secrets = [
      signer.spki,
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(signer.jwk),
    ];
    for (const secret of secrets) {
      const input = `${part({ alg: 'HS256', kid: 'key-1' })}.${part(claims())}`;
      const mac = createHmac('sha256', secret).update(input).digest('base64url');
      await expectInvalid(`${input}.${mac}`, 'algorithm');
    }
  });

  it('is refused when it is signed by another key of the same name', async () => {
    await expectInvalid(await stranger.sign(claims()), 'signature');
    expect(await attempt(program, asserting(await signer.sign(claims())))).toEqual(SIGNED_IN);
  });

  it('is refused when it brings its own key, or says where to find it', async () => {
    const evil = await startKeyService(text(setOf(stranger)));
    const { jwk } = stranger;
    for (const header of [
      { jwk },
      { jku: evil.uri },
      { x5u: evil.uri },
      { x5c: [Buffer.from('certificate').toString('base64')] },
      { jwk, jku: evil.uri, kid: 'key-2' },
    ]) {
      const token = await stranger.sign(claims(), header);
      expect(await attempt(program, asserting(token))).toEqual(INVALID);
    }
    const meta = `X-authentik-meta-jwks: ${evil.uri}`;
    expect(await attempt(program, asserting(await stranger.sign(claims()), meta))).toEqual(INVALID);
    expect(evil.asked).toEqual([]);
    const honest = await signer.sign(claims(), { jku: evil.uri, jwk });
    expect(await attempt(program, asserting(honest))).toEqual(SIGNED_IN);
    expect(evil.asked).toEqual([]);
  });

  it('is refused with a key id that is a path, a query or too long', async () => {
    for (const kid of ['../../evil', 'a/b', 'a b', 'a?b', '', 'a'.repeat(129), 'é']) {
      await expectInvalid(await signer.sign(claims(), { kid }), 'kid');
    }
    expect(service.asked.every((path) => path === '/jwks.json')).toBe(true);
  });

  it('is refused when it says that something has to be understood', async () => {
    const input = (header: object) => `${part(header)}.${part(claims())}.AAAA`;

    await expectInvalid(input({ alg: 'ES256', kid: 'key-1', crit: ['exp'], exp: 1 }), 'critical');
    await expectInvalid(
      input({ alg: 'ES256', kid: 'key-1', crit: ['b64'], b64: false }),
      'critical',
    );
    await expectInvalid(input({ alg: 'ES256', kid: 'key-1', crit: [] }), 'critical');
  });

  it('is refused when it is padded, changed, cut or encrypted', async () => {
    const token = await signer.sign(claims());
    const [head = '', payload = '', signature = ''] = token.split('.');
    const encrypted = await new CompactEncrypt(Buffer.from(JSON.stringify(claims())))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM' })
      .encrypt(await importJWK({ ...signer.jwk, alg: 'ECDH-ES', use: 'enc' }, 'ECDH-ES'));

    await expectInvalid(encrypted, 'form');
    await expectInvalid(`${head}=.${payload}==.${signature}=`, 'form');
    for (const broken of [
      `${head}.${payload}`,
      `${head}.${payload}.`,
      `.${payload}.${signature}`,
    ]) {
      await expectInvalid(broken, 'form');
    }
    for (const other of [`Bearer ${token}`, `${token}, ${token}`, `${token} x`]) {
      await expectInvalid(other, 'form');
    }
    await expectInvalid(`${head}.${part(claims({ sub: 'root' }))}.${signature}`, 'signature');
  });

  it('is refused when it is something else that the same key signs', async () => {
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'application/logout+jwt']) {
      await expectInvalid(await signer.sign(claims(), { typ }), 'type');
    }
    for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt']) {
      const token = await signer.sign(claims(), { typ });
      expect(await attempt(program, asserting(token))).toEqual(SIGNED_IN);
    }
  });

  it('is refused with an algorithm that is not on the list, though its key is there', async () => {
    const rsa = await createSigner('rsa-1', 'RS256');
    const both = await startKeyService(text(setOf(signer, rsa)));
    const strict = await starting({ jwks_uri: both.uri });
    const wide = await starting({ jwks_uri: both.uri, algorithms: ['ES256', 'RS256'] });

    await expectInvalid(await rsa.sign(claims()), 'algorithm', strict);
    expect(await attempt(wide, asserting(await rsa.sign(claims())))).toEqual(SIGNED_IN);
  });
});

describe('the right signer, speaking to somebody else (T20)', () => {
  it('is refused with another or no audience', async () => {
    for (const aud of [
      'somebody-else',
      `${AUDIENCE}/`,
      [],
      ['a', 'b'],
      [AUDIENCE, 7],
      7,
      undefined,
    ]) {
      await expectInvalid(await signer.sign(claims({ aud })), 'audience');
    }
  });

  it('is refused with another or no issuer', async () => {
    for (const iss of ['https://other.example', `${SIGNER_ISSUER}/`, [SIGNER_ISSUER], undefined]) {
      await expectInvalid(await signer.sign(claims({ iss })), 'issuer');
    }
  });

  it('is refused without the claims that are required, or with others', async () => {
    const strict = await starting({ require: { type: 'app', level: 2, active: true } });
    const right = { type: 'app', level: 2, active: true };

    expect(await attempt(strict, asserting(await signer.sign(claims(right))))).toEqual(SIGNED_IN);
    for (const wrong of [{ type: 'org' }, { level: '2' }, { active: 1 }, { type: undefined }]) {
      await expectInvalid(await signer.sign(claims({ ...right, ...wrong })), 'require', strict);
    }
  });

  it('is refused for a machine: without a subject there is nobody to sign in', async () => {
    for (const sub of [undefined, null, '', ' ']) {
      const email = 'root@proxy.example';
      await expectInvalid(await signer.sign(claims({ sub, email })), 'subject');
    }
  });
});

describe('an assertion at another time (T21)', () => {
  const at = (different: object) => signer.sign(claims(different));

  it('is refused when it has expired, and taken within the clocks’ difference', async () => {
    await expectInvalid(await at({ exp: NOW - 61 }), 'expired');
    expect(await attempt(program, asserting(await at({ exp: NOW - 30 })))).toEqual(SIGNED_IN);
  });

  it('is refused when it was issued too long ago, however long it is good for', async () => {
    const long = { exp: NOW + 86_400 };

    await expectInvalid(await at({ ...long, iat: NOW - 15 * 60 - 61 }), 'too_old');
    expect(await attempt(program, asserting(await at({ ...long, iat: NOW - 14 * 60 })))).toEqual(
      SIGNED_IN,
    );
    const short = await starting({ max_age: '1m', clock_skew: '0s' });
    await expectInvalid(await at({ ...long, iat: NOW - 120 }), 'too_old', short);
  });

  it('is refused when its time has not come', async () => {
    await expectInvalid(await at({ iat: NOW + 120 }), 'issued_ahead');
    await expectInvalid(await at({ nbf: NOW + 120 }), 'not_yet_valid');
    expect(await attempt(program, asserting(await at({ iat: NOW + 30, nbf: NOW + 30 })))).toEqual(
      SIGNED_IN,
    );
  });

  it('is refused without its times, or with times that are no numbers', async () => {
    for (const wrong of [
      { exp: undefined },
      { iat: undefined },
      { exp: String(NOW + 300) },
      { iat: String(NOW) },
      { nbf: 'now' },
      { exp: null },
    ]) {
      await expectInvalid(await at(wrong), 'claims');
    }
  });
});

describe('plain headers beside an assertion (T19)', () => {
  const PLAIN = 'X-Proxy-Claim-Email';

  it('are an alarm where they are named, under any spelling', async () => {
    const strict = await starting({ reject_plain_headers: [PLAIN] });
    const token = await signer.sign(claims());

    for (const name of [PLAIN, PLAIN.toLowerCase(), 'X_Proxy_Claim_Email', 'X.Proxy-Claim.Email']) {
      expect(await attempt(strict, asserting(token, `${name}: root@x.example`))).toEqual(
        refused(400, 'plain_header'),
      );
    }
    expect(await attempt(strict, asserting(token, `${PLAIN}:`))).toEqual(
      refused(400, 'plain_header'),
    );
    expect(await attempt(strict, unproven(`${PLAIN}: a`))).toEqual(refused(403, 'upstream_secret'));
    expect(await attempt(strict, asserting(token, 'X-Proxy-Claim-Emails: a'))).toEqual(SIGNED_IN);
    expect(await attempt(strict, asserting(token))).toEqual(SIGNED_IN);
  });

  it('are an alarm also where aliases of the assertion are ignored', async () => {
    const strict = await starting(
      { reject_plain_headers: [PLAIN] },
      { headers: { aliases: 'ignore' } },
    );
    const alias = 'X_Proxy_Claim_Email: root@x.example';

    expect(await attempt(strict, asserting(await signer.sign(claims()), alias))).toEqual(
      refused(400, 'plain_header'),
    );
  });

  it('never stand in for an assertion that is not valid', async () => {
    const token = await stranger.sign(claims());

    expect(await attempt(program, asserting(token, ALICE))).toEqual(INVALID);
  });
});

describe('an assertion in Authorization', () => {
  it('is taken as a bearer token, and as nothing else', async () => {
    const bearer = await starting({ header: 'Authorization', scheme: 'bearer' });
    const token = await signer.sign(claims());

    for (const scheme of ['Bearer', 'bearer']) {
      expect(await attempt(bearer, proven(`Authorization: ${scheme} ${token}`))).toEqual(SIGNED_IN);
    }
    for (const value of [
      token,
      `Basic ${token}`,
      `Bearer  ${token}`,
      `Bearer ${token} x`,
      'Bearer',
    ]) {
      expect(await attempt(bearer, proven(`Authorization: ${value}`))).toEqual(INVALID);
    }
    expect(await attempt(bearer, proven())).toEqual(refused(401));
    expect(
      await attempt(
        bearer,
        proven(`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`),
      ),
    ).toMatchObject({ status: 400, subject: undefined });
    expect(await attempt(bearer, proven(`${HEADER}: ${token}`))).toEqual(refused(401));
  });
});

describe('keys of whoever signs (T22)', () => {
  const page = 'GET /authorize HTTP/1.1';

  it('that cannot be had are a 503 page with Retry-After, and plain headers do not help', async () => {
    const down = await startKeyService(text('', 500));
    const cut = await starting({ jwks_uri: down.uri });
    const token = await signer.sign(claims());
    const answer = await ask(cut.public, asserting(token, ALICE));

    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^[1-5]$/);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(lineOf(cut, answer)?.['reason']).toBe('keys_unavailable');
    expect(answer.body).not.toContain(down.uri);
    expect((await ask(cut.public, [page, HOST, SECRET, ALICE])).status).not.toBe(503);
  });

  it('are never taken from where a redirect leads', async () => {
    const evil = await startKeyService(text(setOf(stranger)));
    const moved = await startKeyService(text('', 302, { location: evil.uri }));
    const cut = await starting({ jwks_uri: moved.uri });

    expect(await attempt(cut, asserting(await stranger.sign(claims())))).toEqual(
      refused(503, 'keys_unavailable'),
    );
    expect(evil.asked).toEqual([]);
  });

  it('come from a file as well, and another file counts from the reload on', async () => {
    const next = await createSigner('key-2');
    const filed = await startProgram({
      config: {
        upstream: {
          trust: TRUST,
          assertion: {
            ...options(),
            jwks_uri: undefined as unknown as string,
            jwks_file: 'keys.json',
          },
        },
      },
      files: { 'keys.json': setOf(signer) },
    });
    const [old, fresh] = [await signer.sign(claims()), await next.sign(claims())];

    expect(await attempt(filed, asserting(old))).toEqual(SIGNED_IN);
    await expectInvalid(fresh, 'key', filed);
    await filed.folder.write('keys.json', setOf(next));
    await filed.reload();
    expect(await attempt(filed, asserting(fresh))).toEqual(SIGNED_IN);
    await expectInvalid(old, 'key', filed);
    await filed.folder.write('keys.json', '{"keys":[');
    await filed.reload();
    expect(await attempt(filed, asserting(fresh))).toEqual(SIGNED_IN);
  });
});
