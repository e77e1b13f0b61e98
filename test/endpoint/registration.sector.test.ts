// `sector_identifier_uri` (OIDC Core §8.1): the one document that is fetched, over real HTTPS.

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyAddress, createAddressRule } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import { createAuthority } from '../support/certificates.ts';
import { createRegistrationIssuer, HONEST, signIn } from '../support/registration.ts';
import type { Answer } from '../support/signer.ts';
import { claimsOf } from '../support/tokens.ts';

const ca = createAuthority('Test CA');
const URIS = ['https://rp.example/callback', 'https://two.example/callback'];

let server: Server;
let answer: Answer = (response) => response.end();
let asked = 0;
let document = '';

beforeAll(async () => {
  server = createServer(ca.issue({ dns: ['localhost'] }), (_, response) => {
    asked += 1;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  document = `https://localhost:${(server.address() as AddressInfo).port}/sector.json`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const json = (value: unknown): Answer => text(JSON.stringify(value));
const text =
  (body: string, status = 200, headers = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

const create = (rule = anyAddress) =>
  createRegistrationIssuer({
    terms: { pairwise: true },
    registration: { outbound: createOutbound(rule, { ca: () => ca.cert }) },
    different: { deps: { pairwiseSalt: Buffer.alloc(32, 7) } },
  });

const pairwise = () => ({
  redirect_uris: URIS,
  subject_type: 'pairwise',
  sector_identifier_uri: document,
});

describe('a sector (OIDC Core §8.1; RG-3)', () => {
  it('is that of the document that lists all redirect URIs', async () => {
    answer = json([...URIS, 'https://three.example/callback']);
    const test = create();

    const client = await test.register(pairwise());

    expect(client).toMatchObject({ sector_identifier_uri: document, subject_type: 'pairwise' });
    expect(await test.deps.findClient(client.client_id)).toMatchObject({
      sectorIdentifier: 'localhost',
    });
    expect((await test.manage('GET', client)).json['sector_identifier_uri']).toBe(document);
  });

  it('tells its clients one subject, and other clients another', async () => {
    answer = json(URIS);
    const test = create();
    const subjectOf = async (more: object) => {
      const { json: tokens } = await signIn(test, await test.register({ ...more }), {
        redirect_uri: 'https://rp.example/callback',
      });
      return claimsOf(String(tokens['id_token']))['sub'];
    };
    const [one, two] = [await subjectOf(pairwise()), await subjectOf(pairwise())];

    expect(one).toBe(two);
    expect(await subjectOf({ ...HONEST, subject_type: 'pairwise' })).not.toBe(one);
    expect(await subjectOf(HONEST)).toBe('alice');
  });

  it('has to be named where redirect URIs have several hosts', async () => {
    const { json: body } = await create().post({ ...pairwise(), sector_identifier_uri: undefined });

    expect(body['error']).toBe('invalid_client_metadata');
  });

  it.each<[string, () => Answer]>([
    ['that lists only some', () => json([URIS[0]])],
    ['that lists them in another spelling', () => json(URIS.map((uri) => `${uri}/`))],
    ['that is empty', () => json([])],
    ['that is an object', () => json({ redirect_uris: URIS })],
    ['that is a text', () => json(URIS.join())],
    ['with a number among them', () => json([...URIS, 1])],
    ['with a list among them', () => json([...URIS, []])],
    ['with null among them', () => json([...URIS, null])],
    ['that is no JSON', () => text(URIS.join('\n'))],
    ['that is too long', () => json([...URIS, `https://x.example/${'x'.repeat(70_000)}`])],
    ['that is elsewhere', () => text(JSON.stringify(URIS), 302, { location: document })],
    ['that is not there', () => text('', 404)],
    ['with an error', () => text(JSON.stringify(URIS), 500)],
    ['that is compressed', () => text(JSON.stringify(URIS), 200, { 'content-encoding': 'gzip' })],
    ['that breaks off', () => (response) => response.destroy()],
  ])('is none by a document %s', async (_, make) => {
    answer = make();
    const test = create();

    const { status, json: body } = await test.post(pairwise());

    expect({ status, error: body['error'] }).toEqual({
      status: 400,
      error: 'invalid_client_metadata',
    });
    expect(body['error_description']).toMatch(/^sector_identifier_uri: /);
    answer = json(URIS);
    expect((await test.post(pairwise())).status).toBe(201);
  });

  it('is looked at again when redirect URIs change', async () => {
    answer = json(URIS);
    const test = create();
    const client = await test.register(pairwise());
    const more = { ...pairwise(), redirect_uris: [...URIS, 'https://evil.example/callback'] };

    const { status } = await test.manage('PUT', client, { ...more, client_id: client.client_id });

    expect(status).toBe(400);
  });

  it('has to be right also for a client that needs none', async () => {
    answer = json([]);

    expect((await create().post({ ...pairwise(), subject_type: 'public' })).status).toBe(400);
  });
});

describe('fetching for strangers (RG-3)', () => {
  it('reaches no private address unless the operator allows it, and says nothing of it', async () => {
    answer = json(URIS);
    const before = asked;
    const { status, json: body } = await create(createAddressRule([])).post(pairwise());
    expect(status).toBe(400);
    expect(body['reason']).toBe('sector_address_forbidden');
    expect(body['error_description']).toBe('sector_identifier_uri: could not be fetched');
    expect(asked).toBe(before);

    const allowed = createAddressRule(['127.0.0.0/8', '::1/128']);
    expect((await create(allowed).post(pairwise())).status).toBe(201);
  });

  it('happens after everything that costs nothing, and for nothing else', async () => {
    answer = json(URIS);
    const test = create();
    const before = asked;
    await test.post({ ...pairwise(), scope: 'admin' });
    await test.post({ ...pairwise() }, {});
    expect(asked).toBe(before);

    const at = (path: string) => new URL(path, document).href;
    const { status } = await test.post({
      ...HONEST,
      logo_uri: at('/logo'),
      policy_uri: at('/policy'),
      tos_uri: at('/tos'),
      client_uri: at('/'),
      jwks_uri: at('/jwks'),
      initiate_login_uri: at('/login'),
      backchannel_logout_uri: at('/logout'),
    });
    expect(status).toBe(400);
    expect(asked).toBe(before);
  });
});
