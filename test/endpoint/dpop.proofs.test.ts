import { describe, expect, it } from 'vitest';
import { createHolder, TOKEN_URL } from '../support/dpop.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { BAD, GOOD, SPELLINGS } from '../support/proofs.ts';
import { type Answer, basic, makeRequest, settle, toParams } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

/** What discovery advertises. */
const ALGS = await createTestIssuer()
  .issuer.discovery(makeRequest({ method: 'GET' }))
  .then((answer) =>
    answer.kind === 'json' && 'dpop_signing_alg_values_supported' in answer.body
      ? [answer.body.dpop_signing_alg_values_supported].flat().map(String)
      : [],
  );

const rsa = await createHolder('RS256');

const IMITATIONS: readonly (readonly [what: string, spell: (url: string) => string])[] = [
  ['with a slash behind it', (url) => `${url}/`],
  ['with another port', (url) => url.replace('.example', '.example:444')],
  ['with its path in capitals', (url) => url.replace('/a/', '/A/')],
  ['with a user', (url) => url.replace('://', '://op.example@')],
  ['with a backslash', (url) => url.replace('/a/', '\\a/')],
  ['with a space before it', (url) => ` ${url}`],
  ['with one slash', (url) => url.replace('//', '/')],
  ['behind another host', (url) => url.replace('op.example', 'op.example.evil.example')],
  ['in a query', (url) => `https://evil.example/?${url}`],
];

const tokenWith = (test: TestIssuer, dpop: string): Promise<Answer> =>
  test.token(
    { grant_type: 'client_credentials', scope: 'api:read' },
    { form: {}, headers: { authorization: basic('svc'), dpop } },
  );

describe('proofs at the token endpoint (RFC 9449 §4.3, §5; DP-1, fapi2-dpop-negative-tests)', () => {
  for (const [what, make, reason] of BAD) {
    it(`refuses ${what}`, async () => {
      const test = createTestIssuer();
      const holder = await createHolder();

      const { status, json } = await tokenWith(test, await make(holder.prove, holder));

      expect({ status, ...json }).toMatchObject({
        status: 400,
        error: 'invalid_dpop_proof',
        reason,
      });
      expect((await tokenWith(test, await holder.prove())).status).toBe(200);
    });
  }

  for (const [what, make] of GOOD) {
    it(`accepts ${what}`, async () => {
      const holder = await createHolder();

      const { json } = await tokenWith(createTestIssuer(), await make(holder.prove, holder));

      expect(json['token_type']).toBe('DPoP');
      expect(claimsOf(String(json['access_token']))['cnf']).toEqual({ jkt: holder.jkt });
    });
  }

  for (const [what, spell] of SPELLINGS) {
    it(`accepts the URL ${what}`, async () => {
      const holder = await createHolder();
      const dpop = await holder.prove({ claims: { htu: spell(TOKEN_URL) } });

      expect((await tokenWith(createTestIssuer(), dpop)).json['token_type']).toBe('DPoP');
    });
  }

  for (const [what, spell] of IMITATIONS) {
    it(`refuses the URL ${what}`, async () => {
      const holder = await createHolder();
      const dpop = await holder.prove({ claims: { htu: spell(TOKEN_URL) } });

      expect((await tokenWith(createTestIssuer(), dpop)).json['reason']).toBe('dpop_proof_uri');
    });
  }

  for (const alg of ALGS) {
    it(`accepts a key for ${alg}, as discovery says, and names it by its thumbprint`, async () => {
      const holder = await createHolder(alg);

      const { json } = await tokenWith(createTestIssuer(), await holder.prove());

      expect(claimsOf(String(json['access_token']))['cnf']).toEqual({ jkt: holder.jkt });
    });
  }

  it('refuses RS256, which discovery does not name', async () => {
    expect(ALGS).toHaveLength(8);
    expect(ALGS).not.toContain('RS256');
    const { json } = await tokenWith(createTestIssuer(), await rsa.prove());

    expect(json['reason']).toBe('dpop_proof_signature');
  });

  it('refuses a proof for UserInfo', async () => {
    const holder = await createHolder();

    const { json } = await tokenWith(
      createTestIssuer(),
      await holder.proveAt('token', { claims: { htm: 'POST' } }),
    );

    expect(json['reason']).toBe('dpop_proof_uri');
  });

  it('holds the URL against what is configured, whatever Host the request names', async () => {
    const { token } = createTestIssuer();
    const holder = await createHolder();
    const ask = async (htu: string) =>
      token(
        { grant_type: 'client_credentials' },
        {
          form: {},
          headers: {
            authorization: basic('svc'),
            host: 'evil.example',
            'x-forwarded-host': 'evil.example',
            dpop: await holder.prove({ claims: { htu } }),
          },
        },
      );

    expect((await ask('https://evil.example/a/token')).json['reason']).toBe('dpop_proof_uri');
    expect((await ask(TOKEN_URL)).status).toBe(200);
  });

  it('takes the names of both horizons, and no third', async () => {
    const bases = { browser: 'https://sso.example', back: 'http://asteroid.svc:8880' };
    const test = createTestIssuer({ deps: { bases } });
    const holder = await createHolder();
    const ask = async (htu: string) =>
      (await tokenWith(test, await holder.prove({ claims: { htu } }))).status;

    expect(await ask('https://sso.example/token')).toBe(200);
    expect(await ask('http://asteroid.svc:8880/token')).toBe(200);
    expect(await ask('http://sso.example/token')).toBe(400);
    expect(await ask(TOKEN_URL)).toBe(400);
  });

  it('refuses two headers, of which it cannot know which was meant', async () => {
    const { issuer } = createTestIssuer();
    const ask = (repeatedHeaders: readonly string[]) =>
      settle(
        issuer.token(
          makeRequest({
            params: toParams({ grant_type: 'client_credentials' }),
            headers: { authorization: basic('svc') },
            repeatedHeaders,
          }),
        ),
      );

    expect((await ask(['dpop'])).json['reason']).toBe('dpop_proof_repeated');
    expect((await ask(['x-other'])).status).toBe(200);
  });

  it('looks at the proof only once the client has proven who it is', async () => {
    const { token } = createTestIssuer();

    const headers = { authorization: basic('svc', 'wrong'), dpop: 'bad' };

    const { json } = await token({ grant_type: 'client_credentials' }, { form: {}, headers });

    expect(json['error']).toBe('invalid_client');
  });
});
