// Software statements (RFC 7591 §2.3): what a publisher signed counts more than what a client says.

import { describe, expect, it } from 'vitest';
import { createRegistrationIssuer, HONEST, type Metadata } from '../support/registration.ts';
import { createSigner, setOf } from '../support/signer.ts';

const PUBLISHER = 'https://publisher.example';
const OTHER = 'https://other.example';
const [signer, other, stranger] = [
  await createSigner('p1'),
  await createSigner('o1'),
  await createSigner('p1'),
];

const STATED = {
  iss: PUBLISHER,
  software_id: 'shop',
  client_name: 'Shop by Publisher',
  redirect_uris: ['https://rp.example/callback'],
};

const create = (more: Metadata = {}, all: Metadata = {}) =>
  createRegistrationIssuer({
    policy: {
      software_statements: [
        { issuer: PUBLISHER, jwks_file: 'p', algorithms: ['ES256'], ...more },
        { issuer: OTHER, jwks_file: 'o', algorithms: ['ES256'] },
      ],
      ...all,
    },
    statementKeys: new Map([
      [PUBLISHER, setOf(signer)],
      [OTHER, setOf(other)],
    ]),
  });

describe('a software statement (RFC 7591 §2.3; RG-2)', () => {
  it('counts more than what the client says, and is echoed as it was sent', async () => {
    const software_statement = await signer.sign(STATED);

    const { status, json } = await create().post({
      client_name: 'Evil Shop',
      redirect_uris: ['https://evil.example/callback'],
      tos_uri: 'https://rp.example/tos',
      software_statement,
    });

    expect(status).toBe(201);
    expect(json).toMatchObject({
      client_name: 'Shop by Publisher',
      redirect_uris: ['https://rp.example/callback'],
      software_id: 'shop',
      tos_uri: 'https://rp.example/tos',
      software_statement,
    });
    expect(json).not.toHaveProperty('iss');
  });

  it('may not say either what grants trust, nor beyond the policy', async () => {
    const test = create();
    const grants = await signer.sign({
      ...STATED,
      serves: ['https://api.example'],
      consent: 'skip',
    });
    const client = await test.register({ software_statement: grants });

    expect(await test.deps.findClient(client.client_id)).toMatchObject({
      serves: [],
      consent: 'once',
    });
    const scope = await signer.sign({ ...STATED, scope: 'openid admin' });
    expect((await test.post({ ...HONEST, software_statement: scope })).json['error']).toBe(
      'invalid_client_metadata',
    );
  });

  it.each<[string, () => Promise<string> | string, string]>([
    ['of a stranger', () => stranger.sign(STATED), 'invalid_software_statement'],
    ['of another publisher in its name', () => other.sign(STATED), 'invalid_software_statement'],
    [
      'of an unknown issuer',
      () => signer.sign({ ...STATED, iss: 'https://x.example' }),
      'unapproved_software_statement',
    ],
    [
      'without an issuer',
      () => signer.sign({ ...STATED, iss: undefined }),
      'unapproved_software_statement',
    ],
    [
      'that is over',
      () => signer.sign({ ...STATED, exp: 1_700_000_000 }),
      'invalid_software_statement',
    ],
    [
      'whose end is no time',
      () => signer.sign({ ...STATED, exp: '2999' }),
      'invalid_software_statement',
    ],
    [
      'that is not yet',
      () => signer.sign({ ...STATED, nbf: 1_900_000_000 }),
      'invalid_software_statement',
    ],
    ['that is no JWT', () => 'nonsense', 'invalid_software_statement'],
    ['that nobody signed', () => unsigned(STATED), 'invalid_software_statement'],
    [
      'that was changed',
      async () => tamper(await signer.sign(STATED)),
      'invalid_software_statement',
    ],
  ])('is refused, and not ignored: %s', async (_, make, error) => {
    const answer = await create().post({ ...HONEST, software_statement: await make() });

    expect(answer).toMatchObject({ status: 400, json: { error } });
  });

  it('is refused where nobody is asked for any', async () => {
    const software_statement = await signer.sign(STATED);
    const answer = await createRegistrationIssuer().post({ ...HONEST, software_statement });

    expect(answer.json['error']).toBe('unapproved_software_statement');
  });

  it('is demanded where the operator says so, and of the issuer that is meant', async () => {
    const test = create({ required: true });

    expect((await test.post(HONEST)).json).toMatchObject({
      error: 'unapproved_software_statement',
      reason: 'software_statement_missing',
    });
    const wrong = await other.sign({ ...STATED, iss: OTHER });
    expect((await test.post({ ...HONEST, software_statement: wrong })).json['error']).toBe(
      'unapproved_software_statement',
    );
    const right = await signer.sign(STATED);
    expect((await test.post({ ...HONEST, software_statement: right })).status).toBe(201);
  });

  it('cannot be shaken off by a PUT', async () => {
    const test = create();
    const software_statement = await signer.sign(STATED);
    const client = await test.register({ software_statement });
    const put = (more: Metadata) =>
      test.manage('PUT', client, { client_id: client.client_id, ...more });
    const evil = { redirect_uris: ['https://evil.example/callback'] };

    expect((await put(evil)).json['reason']).toBe('software_statement_missing');
    const foreign = await other.sign({ ...STATED, ...evil, iss: OTHER });
    expect((await put({ ...evil, software_statement: foreign })).json['error']).toBe(
      'unapproved_software_statement',
    );
    const { status, json } = await put({ ...evil, software_statement });
    expect(status).toBe(200);
    expect(json['redirect_uris']).toEqual(STATED.redirect_uris);
  });
});

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (claims: object): string => `${encode({ alg: 'none' })}.${encode(claims)}.`;

function tamper(jwt: string): string {
  const [header = '', , signature = ''] = jwt.split('.');
  return [header, encode({ ...STATED, redirect_uris: ['https://evil.example'] }), signature].join(
    '.',
  );
}
