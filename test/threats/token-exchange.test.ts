// The whole program with issuers that it trusts: their keys come over HTTP or out of a file, as the
// configuration says, and what is off is not there.

import { describe, expect, it } from 'vitest';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../internal/protocol/names.ts';
import { CLIENT_SECRET, type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import { basic } from '../support/requests.ts';
import { createSigner, type Signer, setOf, startKeyService, text } from '../support/signer.ts';
import { claimsOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { ask, HOST, signIn, submit } from './threats.fixture.ts';

const CLUSTER = 'https://kubernetes.default.svc';
const PARTNER = 'https://partner.example';
const URN = 'urn:ietf:params:oauth:token-type:';
const APP = { client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] };
const client = (client_id: string, more: object) => ({
  client_id,
  client_secret: CLIENT_SECRET,
  ...more,
});

const EXCHANGERS = [
  client('gateway', {
    grant_types: [TOKEN_EXCHANGE],
    token_exchange: {
      issuers: ['self', 'cluster'],
      subject_token_types: ['access_token', 'jwt'],
      clients: ['app'],
      audiences: ['orders'],
      scope: 'email',
    },
  }),
  client('gateway2', {
    grant_types: [TOKEN_EXCHANGE],
    token_exchange: { issuers: ['self'], clients: ['other'], audiences: ['orders'] },
  }),
  client('batch', {
    grant_types: [JWT_BEARER],
    jwt_bearer: { issuers: ['partner'] },
    scope: 'a b',
  }),
];

async function start(cluster: Signer, partner: Signer) {
  const service = await startKeyService(text(setOf(cluster)));
  const program = await startProgram({
    config: {
      token_issuers: {
        cluster: {
          issuer: CLUSTER,
          jwks_uri: service.uri,
          algorithms: ['RS256'],
          subjects: { prefix: 'k8s:', must_exist: false },
        },
        partner: {
          issuer: PARTNER,
          jwks_file: 'partner.json',
          algorithms: ['ES256'],
          audience: ['sso'],
          subjects: { map: { 'u-1': 'alice' } },
        },
      },
    },
    files: { 'partner.json': setOf(partner) },
    clients: [APP, ...EXCHANGERS] as never,
  });
  return { program, service };
}

async function token(program: Program, caller: string, fields: Record<string, string>) {
  const authorization = `Authorization: ${basic(caller, CLIENT_SECRET)}`;
  const { status, body } = await submit(program.public, '/token', fields, authorization);
  return { status, json: JSON.parse(body) as Record<string, unknown> };
}

const exchange = (program: Program, subject_token: string, type: string, caller = 'gateway') =>
  token(program, caller, {
    grant_type: TOKEN_EXCHANGE,
    subject_token,
    subject_token_type: `${URN}${type}`,
  });

const bear = (program: Program, assertion: string) =>
  token(program, 'batch', { grant_type: JWT_BEARER, assertion });

const now = () => Math.floor(Date.now() / 1000);

const grantsOf = async (program: Program): Promise<unknown> => {
  const lines = ['GET /.well-known/openid-configuration HTTP/1.1', HOST];
  return JSON.parse((await ask(program.public, lines)).body)['grant_types_supported'];
};

describe('tokens for tokens in a running issuer', () => {
  it('are exchanged by whom the configuration lets, and by no other client (TX-1)', async () => {
    const cluster = await createSigner('c1', 'RS256');
    const { program, service } = await start(cluster, await createSigner('p1'));
    const { access_token } = await signIn(program);
    const foreign = await cluster.sign({
      iss: CLUSTER,
      sub: 'system:serviceaccount:a:b',
      aud: ['https://sso.example'],
      exp: now() + 600,
    });

    const own = await exchange(program, access_token, 'access_token');
    expect(own.status).toBe(200);
    expect(claimsOf(String(own.json['access_token']))).toMatchObject({
      sub: 'alice',
      aud: 'orders',
      act: { sub: 'gateway' },
      scope: 'email',
    });
    expect((await exchange(program, access_token, 'access_token', 'gateway2')).status).toBe(400);
    expect(service.asked).toEqual([]);
    const workload = await exchange(program, foreign, 'jwt');
    expect(claimsOf(String(workload.json['access_token']))).toMatchObject({
      sub: 'k8s:system:serviceaccount:a:b',
      subject_issuer: CLUSTER,
    });
    expect((await exchange(program, foreign, 'jwt', 'gateway2')).status).toBe(400);
    expect(service.asked).toEqual(['/jwks.json']);
    for (const secret of [access_token, foreign]) {
      expect(program.logText()).not.toContain(secret.split('.')[2]);
    }
    expect(
      program
        .logged()
        .filter(({ msg }) => msg === 'token.issued')
        .at(-1),
    ).toMatchObject({
      audit: true,
      subject: 'k8s:system:serviceaccount:a:b',
      actor: 'gateway',
    });
  });

  it('take the keys of a file that changes, and let go of those that are gone (JB-1)', async () => {
    const [first, second] = [await createSigner('p1'), await createSigner('p2')];
    const { program } = await start(await createSigner('c1', 'RS256'), first);
    const assertion = (signer: Signer) =>
      signer.sign({
        iss: PARTNER,
        sub: 'u-1',
        aud: 'sso',
        exp: now() + 60,
        jti: crypto.randomUUID(),
      });

    expect((await bear(program, await assertion(first))).status).toBe(200);
    expect((await bear(program, await assertion(second))).status).toBe(400);
    // Nobody asks for a reload: the file is watched.
    await program.folder.write('partner.json', setOf(second));
    const take = async () => bear(program, await assertion(second));
    const answer = await until(take, ({ status }) => status === 200);
    expect(claimsOf(String(answer.json['access_token']))).toMatchObject({
      sub: 'alice',
      scope: 'a b',
    });
    expect((await bear(program, await assertion(first))).status).toBe(400);
    expect(program.logText()).not.toContain((await assertion(second)).split('.')[0]);
  });

  it('come and go with the clients that may have them (TX-1, JB-1)', async () => {
    const { program } = await start(await createSigner('c1', 'RS256'), await createSigner('p1'));
    const { access_token } = await signIn(program);
    expect(await grantsOf(program)).toContain(TOKEN_EXCHANGE);
    expect(await grantsOf(program)).toContain(JWT_BEARER);

    const others = ['gateway', 'gateway2', 'batch'].map((id) =>
      client(id, { redirect_uris: [REDIRECT_URI] }),
    );
    await program.folder.writeClients([APP, ...others] as never);
    await program.reload();

    expect(await grantsOf(program)).toEqual([
      'authorization_code',
      'refresh_token',
      'client_credentials',
    ]);
    const { json } = await exchange(program, access_token, 'access_token');
    expect(json['error']).toBe('unsupported_grant_type');
  });
});
