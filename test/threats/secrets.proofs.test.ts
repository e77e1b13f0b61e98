// What clients prove themselves with, and what they say in secret, in the log of a program that has seen
// all of it, in the right places and in the wrong ones.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { TOKEN_EXCHANGE } from '../../internal/protocol/names.ts';
import { JWT_BEARER } from '../support/assertions.ts';
import { createSelfSigned } from '../support/certificates.ts';
import { createHolder, type Holder } from '../support/dpop.ts';
import { ACCESS_TOKEN } from '../support/exchange.ts';
import {
  CLIENT_SECRET,
  type Metadata,
  type Program,
  REDIRECT_URI,
  startProgram,
} from '../support/program.ts';
import { basic, type Query } from '../support/requests.ts';
import { createSigner, type Signer, setOf } from '../support/signer.ts';
import { sequence } from './client-certificates.fixture.ts';
import { found, keep, type Story, textOf } from './secrets.fixture.ts';
import { ALICE, ask, authorize, codeOf, HOST, SECRET, submit } from './threats.fixture.ts';

const ISSUER = 'https://sso.example';
const HOOK_SECRET = 'canary-of-the-hook-0123456789abcdefghij';
const HOOK_CLAIM = 'canary-that-the-hook-adds-0123456789';
/** What stands in parameters and is nobody else's business. */
const SAID = {
  account: 'canary-of-an-account-0123456789',
  state: 'canary-state-0123456789-0123456789',
  hint: 'canary.of.a.login@example.test',
} as const;

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Allows everything, or nothing that it can be asked. */
async function startHook() {
  const state = { down: false };
  const server = createServer((request, response) => {
    request.resume();
    const says = { allow: true, access_token_claims: { added: HOOK_CLAIM } };
    const body = state.down ? HOOK_CLAIM : JSON.stringify(says);
    response.writeHead(state.down ? 500 : 200, { 'content-type': 'application/json' }).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

const clientsOf = (signer: Signer): readonly Metadata[] => [
  {
    client_id: 'signing',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: JSON.parse(setOf(signer)),
    request_object_signing_alg: 'ES256',
    authorization_details_types: ['payment'],
    redirect_uris: [REDIRECT_URI],
  },
  {
    client_id: 'app',
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    access_token_format: 'opaque',
  },
  {
    client_id: 'gateway',
    client_secret: CLIENT_SECRET,
    grant_types: [TOKEN_EXCHANGE],
    token_exchange: { issuers: ['self'], clients: ['app'], audiences: ['orders'], scope: 'email' },
  },
];

type Scene = {
  readonly program: Program;
  readonly story: Story;
  readonly signer: Signer;
  readonly holder: Holder;
};

let made = 0;

/** An assertion of the client; every one is a secret while it lives. */
async function assert({ signer, story }: Scene): Promise<Query> {
  const now = Math.floor(Date.now() / 1000);
  const [iss, jti] = ['signing', `canary-assertion-${made++}`];
  const claims = { iss, sub: iss, aud: ISSUER, jti, iat: now, exp: now + 60 };
  const client_assertion = await signer.sign(claims);
  keep(story, client_assertion);
  return { client_assertion, client_assertion_type: JWT_BEARER };
}

async function prove({ holder, story }: Scene, path: string): Promise<string> {
  const claims = { htu: `${ISSUER}${path}`, jti: `canary-proof-${made++}` };
  const proof = await holder.prove({ claims });
  keep(story, proof);
  return `DPoP: ${proof}`;
}

const DETAILS = JSON.stringify([{ type: 'payment', account: SAID.account }]);
const REQUEST: Query = {
  response_type: 'code',
  redirect_uri: REDIRECT_URI,
  scope: 'openid email',
  state: SAID.state,
  login_hint: SAID.hint,
  authorization_details: DETAILS,
};

/** Pushed with a proof, taken up, redeemed with a proof. */
async function pushAndRedeem(scene: Scene): Promise<void> {
  const { program, story } = scene;
  const { public: target } = program;
  const form = { ...REQUEST, ...(await assert(scene)) };
  const pushed = await submit(target, '/par', form, await prove(scene, '/par'));
  const request_uri: string = JSON.parse(pushed.body).request_uri;
  keep(story, request_uri);
  const query = `client_id=signing&request_uri=${encodeURIComponent(request_uri)}`;
  const code = codeOf(await ask(target, [`GET /authorize?${query} HTTP/1.1`, HOST, SECRET, ALICE]));
  const redemption = {
    ...{ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI },
    ...(await assert(scene)),
  };
  const { body } = await submit(target, '/token', redemption, await prove(scene, '/token'));
  const tokens = JSON.parse(body);
  expect(tokens.token_type).toBe('DPoP');
  keep(story, code, tokens.access_token, tokens.id_token, tokens.refresh_token);
}

async function signRequest({ program, signer, story }: Scene): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const parts = { iss: 'signing', aud: ISSUER, exp: now + 60, client_id: 'signing' };
  const details = JSON.parse(DETAILS);
  const object = await signer.sign({ ...REQUEST, ...parts, authorization_details: details });
  const query = `client_id=signing&request=${object}`;
  const code = codeOf(
    await ask(program.public, [`GET /authorize?${query} HTTP/1.1`, HOST, SECRET, ALICE]),
  );
  keep(story, object, code);
}

/** An opaque token, asked about and exchanged. */
async function exchange({ program, story }: Scene): Promise<void> {
  const { public: target } = program;
  const as = (client: string) => `Authorization: ${basic(client, CLIENT_SECRET)}`;
  const code = codeOf(await ask(target, [authorize(), HOST, SECRET, ALICE]));
  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
  const { access_token: token } = JSON.parse(
    (await submit(target, '/token', form, as('app'))).body,
  );
  const exchanged = await submit(
    target,
    '/token',
    { grant_type: TOKEN_EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN },
    as('gateway'),
  );
  expect(token).toMatch(/^at_/);
  expect(exchanged.status).toBe(200);
  keep(story, code, token, JSON.parse(exchanged.body).access_token);
  await submit(target, '/introspect', { token }, as('app'));
}

/** Everything once more, where it does not belong. */
async function blunder({ program, story }: Scene): Promise<void> {
  const { public: target } = program;
  const wrong = `Authorization: ${basic('app', `${CLIENT_SECRET}x`)}`;
  const right = `Authorization: ${basic('gateway', CLIENT_SECRET)}`;
  for (const secret of [...story.secrets]) {
    const line = /^[!-~]*$/.test(secret) ? secret : 'none';
    const answers = [
      submit(target, '/par', { request_uri: secret, client_id: secret }, wrong),
      submit(target, '/par', { request: secret, client_id: 'signing' }, `DPoP: ${line}`),
      submit(target, '/token', {
        ...{ grant_type: 'client_credentials', client_id: 'signing' },
        ...{ client_assertion: secret, client_assertion_type: JWT_BEARER },
      }),
      submit(target, '/token', { grant_type: TOKEN_EXCHANGE, subject_token: secret }, right),
      submit(
        target,
        '/token',
        { grant_type: TOKEN_EXCHANGE, subject_token: secret, subject_token_type: ACCESS_TOKEN },
        right,
        `DPoP: ${line}`,
      ),
      ask(target, [authorize({ request_uri: secret }), HOST, SECRET, ALICE]),
      ask(target, [authorize({ request: secret, state: undefined }), HOST, SECRET, ALICE]),
      ask(target, [authorize({ authorization_details: secret }), HOST, SECRET, ALICE]),
      ask(target, [authorize({ dpop_jkt: secret }), HOST, SECRET, ALICE]),
      ask(target, [`GET /check?audience=${encodeURIComponent(secret)} HTTP/1.1`, HOST]),
      ask(target, ['GET /userinfo HTTP/1.1', HOST, `Authorization: DPoP ${line}`]),
      ask(target, ['GET /userinfo HTTP/1.1', HOST, `Client-Cert: ${line}`]),
    ];
    story.strangers.push(...(await Promise.all(answers)));
  }
}

describe('what clients prove themselves with (DO-7)', () => {
  it('stands in no line of the log at level debug, and in no answer to anybody else', async () => {
    const hook = await startHook();
    const signer = await createSigner('canary-key');
    const certificate = sequence(createSelfSigned({ commonName: 'canary' }));
    const program = await startProgram({
      clients: clientsOf(signer),
      config: {
        check: { enabled: true },
        token_hook: { url: hook.url, secret_file: 'hook-secret' },
        authorization_details_types: {
          payment: { description: 'a payment', members: { account: 'text' } },
        },
        mtls: {
          proxy: {
            header: 'Client-Cert',
            format: 'rfc9440',
            trust: { secret: { header: 'X-Proxy-Secret', files: ['hook-secret'] } },
          },
        },
      },
      files: { 'hook-secret': HOOK_SECRET },
    });
    const values = [HOOK_SECRET, HOOK_CLAIM, CLIENT_SECRET, certificate, ...Object.values(SAID)];
    const story: Story = { secrets: new Set(values), strangers: [] };
    const now = () => Math.floor(Date.now() / 1000);
    const scene = { program, story, signer, holder: await createHolder('ES256', now) };
    await pushAndRedeem(scene);
    await signRequest(scene);
    await exchange(scene);
    await blunder(scene);
    hook.state.down = true;
    const code = codeOf(await ask(program.public, [authorize(), HOST, SECRET, ALICE]));
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
    const app = `Authorization: ${basic('app', CLIENT_SECRET)}`;
    const { status } = await submit(program.public, '/token', form, app);
    keep(story, code);

    expect(status).toBe(503);
    expect(story.secrets.size).toBeGreaterThan(30);
    expect(program.logged().length).toBeGreaterThan(200);
    expect(found(program.logText(), story)).toEqual([]);
    expect(story.strangers.length).toBeGreaterThan(200);
    expect(found(textOf(story), story)).toEqual([]);
  });
});
