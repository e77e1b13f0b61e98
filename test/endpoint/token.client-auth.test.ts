import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ClientSecret } from '../../internal/protocol/client.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { makeClient, secretOf, sha256Secret } from '../support/clients.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import {
  basic,
  type Credentials,
  NO_CREDENTIALS,
  withForm,
  withHeader,
} from '../support/requests.ts';

const grant_type = 'client_credentials';
const service = { grantTypes: [grant_type] };

/** Which status and code the token endpoint answers these credentials with. */
async function present({ token }: TestIssuer, credentials: Credentials): Promise<string> {
  const { status, json } = await token({ grant_type }, credentials);
  return `${status} ${String(json['error'] ?? 'tokens')}`;
}

const raw = (text: string): Credentials =>
  withHeader(`Basic ${Buffer.from(text).toString('base64')}`);

describe('client authentication: client_secret_basic (RFC 6749 §2.3.1; CA-1, CA-2)', () => {
  const colon = makeClient('a:b', service);
  const spiced = makeClient('spiced', { ...service, secrets: [sha256Secret('p%w x+é')] });
  const create = () => createTestIssuer({ clients: [colon, spiced] });

  it('decodes both halves as a form does', async () => {
    expect(await present(create(), raw(`a%3Ab:${secretOf('a:b')}`))).toBe('200 tokens');
    expect(await present(create(), raw('spiced:p%25w+x%2B%C3%A9'))).toBe('200 tokens');
    expect(await present(create(), raw('spiced:p%25w%20x%2b%c3%a9'))).toBe('200 tokens');
  });

  it('refuses the same secret when it is not encoded, and never fails over it', async () => {
    expect(await present(create(), raw('spiced:p%w x+é'))).toBe('401 invalid_client');
    expect(await present(create(), raw('spiced:%zz'))).toBe('401 invalid_client');
    expect(await present(create(), raw('spiced:100%'))).toBe('401 invalid_client');
  });

  for (const text of ['svc', ':secret', 'svc:', '', ' :', `svc :${secretOf('svc')}`]) {
    it(`refuses ${JSON.stringify(text)} with invalid_client`, async () => {
      expect(await present(create(), raw(text))).toBe('401 invalid_client');
    });
  }

  it('does not care for the case of the scheme, and for nothing else about the header', async () => {
    const good = Buffer.from(`svc:${secretOf('svc')}`).toString('base64');

    for (const header of [`basic ${good}`, `BASIC ${good}`, `bAsIc ${good}`]) {
      expect(await present(create(), withHeader(header))).toBe('200 tokens');
    }
    for (const header of [
      `Basic\t${good}`,
      `Basic  ${good}`,
      `Basic ${good} `,
      `Basic ${good},`,
      `Basic ${good.slice(0, 5)} ${good.slice(5)}`,
      `Bearer ${good}`,
      'Basic',
    ]) {
      expect(await present(create(), withHeader(header))).toBe('401 invalid_client');
    }
  });
});

describe('client authentication: one answer for every failure (RFC 6749 §5.2; CA-3)', () => {
  it('does not tell an unknown client from a wrong secret or a wrong method', async () => {
    const { token } = createTestIssuer();
    const form = { grant_type: 'authorization_code', code: 'x' };
    const answers = await Promise.all(
      [
        withHeader(basic('nobody', 'x')),
        withHeader(basic('conf', 'x')),
        withHeader(basic('conf', '')),
        withHeader(basic('post', secretOf('post'))),
        withHeader(basic('spa', 'x')),
        withForm({ client_id: 'nobody' }),
        withForm({ client_id: 'conf' }),
        withForm({ client_id: 'nobody', client_secret: 'x' }),
        NO_CREDENTIALS,
      ].map((caller) => token(form, caller)),
    );

    const wire = answers.map(({ status, json: { reason: _, ...body } }) => ({ status, body }));
    expect(new Set(wire.map((it) => JSON.stringify(it))).size).toBe(1);
    expect(wire[0]).toEqual({
      status: 401,
      body: { error: 'invalid_client', error_description: 'client authentication failed' },
    });
  });
});

describe('client authentication: one method, the registered one (RFC 6749 §2.3, OIDC Core §9; CA-4, CA-5)', () => {
  const secret = secretOf('svc');
  const viaPost = makeClient('viapost', {
    ...service,
    tokenEndpointAuthMethod: 'client_secret_post',
  });
  const viaKey = makeClient('viakey', { ...service, tokenEndpointAuthMethod: 'private_key_jwt' });
  const bare = makeClient('bare', { ...service, secrets: [] });
  const create = () => createTestIssuer({ clients: [viaPost, viaKey, bare] });

  for (const [what, credentials] of [
    ['Basic and client_secret', withHeader(basic('svc'), { client_secret: secret })],
    ['Basic and post', withHeader(basic('svc'), { client_id: 'svc', client_secret: secret })],
    ['Basic and an assertion', withHeader(basic('svc'), { client_assertion: 'a.b.c' })],
    ['Basic of one and client_id of another', withHeader(basic('svc'), { client_id: 'conf2' })],
    ['two client_ids', withHeader(basic('svc'), { client_id: ['svc', 'svc'] })],
    ['two client_secrets', withForm({ client_id: 'viapost', client_secret: ['a', 'a'] })],
  ] as const) {
    it(`refuses ${what} with invalid_request`, async () => {
      expect(await present(create(), credentials)).toBe('400 invalid_request');
    });
  }

  for (const [what, credentials] of [
    ['a client of Basic by post', withForm({ client_id: 'svc', client_secret: secret })],
    ['a client of post by Basic', withHeader(basic('viapost'))],
    ['a client of post without its secret', withForm({ client_id: 'viapost' })],
    [
      'a client of post with an empty secret',
      withForm({ client_id: 'viapost', client_secret: '' }),
    ],
    ['a confidential client that only names itself', withForm({ client_id: 'svc' })],
    ['a client of private_key_jwt with a secret', withHeader(basic('viakey'))],
    ['a client of private_key_jwt that only names itself', withForm({ client_id: 'viakey' })],
    ['a client without any secret', withHeader(basic('bare'))],
    ['a client without any secret and an empty one', withHeader(basic('bare', ''))],
    [
      'a public client with a secret in the form',
      withForm({ client_id: 'spa', client_secret: 'x' }),
    ],
    ['a public client with Basic', withHeader(basic('spa', ''))],
    ['an assertion alone', withForm({ client_id: 'svc', client_assertion: 'a.b.c' })],
    ['nothing at all', NO_CREDENTIALS],
  ] as const) {
    it(`refuses ${what} with invalid_client`, async () => {
      expect(await present(create(), credentials)).toBe('401 invalid_client');
    });
  }

  it('accepts each method from the client that is registered for it', async () => {
    const test = create();
    const post = withForm({ client_id: 'viapost', client_secret: secretOf('viapost') });

    expect(await present(test, withHeader(basic('svc')))).toBe('200 tokens');
    expect(await present(test, withHeader(basic('svc'), { client_id: 'svc' }))).toBe('200 tokens');
    expect(await present(test, post)).toBe('200 tokens');
  });

  it('takes a public client by its client_id', async () => {
    const { token } = createTestIssuer();
    const form = { grant_type: 'authorization_code', code: 'x' };

    const { json } = await token(form, withForm({ client_id: 'spa' }));

    expect(json['error']).toBe('invalid_grant');
  });
});

describe('client authentication: secrets (CA-11, CA-12)', () => {
  const scryptSecret = (secret: string): ClientSecret => {
    const terms = { cost: 1024, blockSize: 8, parallelization: 1 };
    const salt = Buffer.from('salt');
    return {
      kind: 'scrypt',
      ...terms,
      salt,
      hash: scryptSync(secret, salt, 32, { N: 1024, r: 8, p: 1 }),
    };
  };

  it('accepts every live secret during a rotation, whatever its kind, and no other', async () => {
    const secrets = [sha256Secret('old'), scryptSecret('chosen'), sha256Secret('new')];
    const test = createTestIssuer({ clients: [makeClient('rolling', { ...service, secrets })] });

    for (const secret of ['old', 'chosen', 'new', 'chosen']) {
      expect(await present(test, withHeader(basic('rolling', secret)))).toBe('200 tokens');
    }
    for (const secret of ['', 'ol', 'oldnew', 'Chosen', 'chosen ']) {
      expect(await present(test, withHeader(basic('rolling', secret)))).toBe('401 invalid_client');
    }
  });

  it('goes on refusing a wrong secret after the right one was remembered', async () => {
    const test = createTestIssuer({
      clients: [makeClient('slow', { ...service, secrets: [scryptSecret('chosen')] })],
    });
    await present(test, withHeader(basic('slow', 'chosen')));

    expect(await present(test, withHeader(basic('slow', 'guess')))).toBe('401 invalid_client');
    expect(await present(test, withHeader(basic('slow', 'chosen')))).toBe('200 tokens');
  });

  it('bounds the slow hashes that guesses can cause, and calls the rest unavailable, not wrong', async () => {
    const test = createTestIssuer({
      clients: [makeClient('slow', { ...service, secrets: [scryptSecret('chosen')] })],
    });
    await present(test, withHeader(basic('slow', 'chosen')));

    const guesses = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => present(test, withHeader(basic('slow', `guess-${i}`)))),
    );
    const honest = await present(test, withHeader(basic('slow', 'chosen')));

    const refused = guesses.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const guess of refused) {
      expect(guess).toMatchObject({ reason: expect.any(Unavailable) });
    }
    for (const guess of guesses.filter((it) => it.status === 'fulfilled')) {
      expect(guess.value).toBe('401 invalid_client');
    }
    expect(honest).toBe('200 tokens');
  });
});

describe('client authentication at introspection and revocation (RFC 7662 §2.1, RFC 7009 §2.1; CA-5)', () => {
  it('is the same: wrong secrets, missing ones and wrong methods are invalid_client', async () => {
    const { introspect, revoke, userinfo, signIn } = createTestIssuer();
    const { access_token } = await signIn();

    for (const caller of [
      NO_CREDENTIALS,
      withHeader(basic('conf', 'wrong')),
      withForm({ client_id: 'conf' }),
      withForm({ client_id: 'conf', client_secret: secretOf('conf') }),
    ]) {
      for (const ask of [introspect, revoke]) {
        const { status, json } = await ask(access_token, caller);
        expect({ status, error: json['error'] }).toEqual({ status: 401, error: 'invalid_client' });
      }
    }
    expect((await userinfo(access_token)).status).toBe(200);
  });

  it('lets a public client revoke, and not introspect', async () => {
    const { introspect, revoke } = createTestIssuer();

    expect((await revoke('x', 'spa')).status).toBe(200);
    expect(await introspect('x', 'spa')).toMatchObject({
      status: 401,
      json: { error: 'invalid_client', reason: 'public_client' },
    });
  });
});
