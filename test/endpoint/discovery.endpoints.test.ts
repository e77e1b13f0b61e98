// The URLs of the metadata over HTTP: what is named is there, and what is not named is not.

import { describe, expect, it } from 'vitest';
import { FORM, startHttp } from '../support/http-app.ts';
import { ISSUER } from '../support/issuer.ts';
import { ask } from '../support/raw-http.ts';
import { INITIAL } from '../support/registration.ts';
import { basic, encodeQuery, type Query } from '../support/requests.ts';
import { keySetOf } from '../support/tokens.ts';
import {
  createEverything,
  createNothing,
  describeIssuer,
  type Issuer,
  MTLS_BASE,
} from './discovery.truth.fixture.ts';

const everything = await createEverything();
const nothing = await createNothing();
const metadata = await describeIssuer(everything);

/** A listener of this issuer, and its answers. */
async function serve({ issuer, deps }: Issuer, group: 'all' | 'mtls' = 'all') {
  const { bases } = deps;
  const { target } = await startHttp({
    issuerUrl: ISSUER,
    group,
    deps: { issuer: () => issuer, bases },
  });
  const pathOf = (url: unknown) => new URL(String(url)).pathname;
  return {
    get: (url: unknown, ...lines: readonly string[]) =>
      ask(target, [
        `GET ${pathOf(url)}${new URL(String(url)).search} HTTP/1.1`,
        'Host: op.example',
        ...lines,
      ]),
    postJson(url: unknown, value: object, ...lines: readonly string[]) {
      const body = JSON.stringify(value);
      const type = 'Content-Type: application/json';
      const head = [`POST ${pathOf(url)} HTTP/1.1`, 'Host: op.example', type];
      return ask(target, [...head, `Content-Length: ${body.length}`, ...lines], body);
    },
    post(url: unknown, form: Query, ...lines: readonly string[]) {
      const body = encodeQuery(form);
      const head = [`POST ${pathOf(url)} HTTP/1.1`, 'Host: op.example', FORM];
      return ask(target, [...head, `Content-Length: ${body.length}`, ...lines], body);
    },
  };
}

const CONF = `Authorization: ${basic('conf')}`;
const REQUEST = {
  client_id: 'conf',
  redirect_uri: 'https://rp.example/callback',
  response_type: 'code',
  scope: 'openid',
  state: 's',
};

describe('discovery names the endpoints that are there, and no other is (DI-5)', () => {
  it('a whole flow needs nothing but its URLs', async () => {
    const { get, post, postJson } = await serve(everything);
    const used = new Set<string>();
    const at = (member: string) => {
      used.add(member);
      return metadata[member];
    };

    const left = await get(`${at('authorization_endpoint')}?${encodeQuery(REQUEST)}`);
    const code = new URL(left.headers['location'] ?? '').searchParams.get('code') ?? '';
    const { redirect_uri } = REQUEST;
    const form = { grant_type: 'authorization_code', code, redirect_uri };
    const tokens = JSON.parse((await post(at('token_endpoint'), form, CONF)).body);
    const bearer = `Authorization: Bearer ${tokens.access_token}`;
    const token = tokens.access_token;

    expect((await get(at('userinfo_endpoint'), bearer)).status).toBe(200);
    const told = await post(at('introspection_endpoint'), { token }, CONF);
    expect(JSON.parse(told.body)).toMatchObject({ active: true });
    expect((await post(at('revocation_endpoint'), { token }, CONF)).status).toBe(200);
    expect((await get(at('userinfo_endpoint'), bearer)).status).toBe(401);
    const pushed = await post(at('pushed_authorization_request_endpoint'), REQUEST, CONF);
    expect(pushed.status).toBe(201);
    expect((await get(at('end_session_endpoint'))).status).toBe(200);
    const started = await post(at('device_authorization_endpoint'), {
      client_id: 'tv',
      scope: 'openid',
    });
    expect((await get(JSON.parse(started.body).verification_uri)).status).toBe(200);
    const metadataOfClient = { redirect_uris: [redirect_uri] };
    const initial = `Authorization: Bearer ${INITIAL}`;
    const registered = JSON.parse(
      (await postJson(at('registration_endpoint'), metadataOfClient, initial)).body,
    );
    const itself = `Authorization: Bearer ${registered.registration_access_token}`;
    expect((await get(registered.registration_client_uri, itself)).status).toBe(200);
    const { keys } = JSON.parse((await get(at('jwks_uri'))).body);
    expect(keys.length).toBe((await keySetOf(everything)).jwks().keys.length);
    const named = Object.keys(metadata).filter((name) => /_endpoint$|_uri$/.test(name));
    expect(named.sort()).toEqual([...used].sort());
  });

  it('every alias answers where certificates are asked for, and is one of an endpoint of its name', async () => {
    const { get, post } = await serve(everything, 'mtls');
    const aliases = Object.entries(metadata['mtls_endpoint_aliases'] ?? {});

    expect(aliases.length).toBeGreaterThanOrEqual(4);
    for (const [member, url] of aliases) {
      expect(url).toBe(String(metadata[member]).replace(ISSUER, MTLS_BASE));
      expect((await post(url, {})).status, member).toBeLessThan(404);
    }
    expect((await get(metadata['authorization_endpoint'])).status).toBe(404);
  });

  it('what is off is not there', async () => {
    const { get, post } = await serve(nothing);

    for (const path of ['check', 'register', 'device_authorization', 'device', 'choose']) {
      expect((await get(`${ISSUER}/${path}`)).status, path).toBe(404);
      expect((await post(`${ISSUER}/${path}`, {})).status, path).toBe(404);
    }
    expect((await (await serve(everything)).get(`${ISSUER}/check`)).status).not.toBe(404);
  });
});
