import { describe, expect, it } from 'vitest';
import type { ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import { createFlows, type Flows } from '../../internal/testissuer/faults/flows.ts';
import {
  basic,
  identify,
  makeRequest,
  type Query,
  toParams,
  withHeader,
} from '../support/requests.ts';

const request = (query: Query, user?: string) =>
  makeRequest({
    params: toParams(query),
    identity: user === undefined ? undefined : identify(user),
  });

const redirect = (code: string): ProtocolResponse => ({
  kind: 'redirect',
  location: `https://rp.example/callback?code=${code}&iss=https%3A%2F%2Fop.example`,
});

/** An authorization of that code. */
function grant(flows: Flows, code: string, user = 'alice', client_id = 'web'): void {
  const sent = request({ client_id, redirect_uri: 'https://rp.example/callback' }, user);
  const { flow, client } = flows.find('authorize', sent);
  flows.learn(flow, { step: 'authorize', client, request: sent, sent }, redirect(code));
}

const redeem = (flows: Flows, code: string, credentials = {}) =>
  flows.find('token', request({ code, ...credentials }));

describe('whose flow a request belongs to', () => {
  it('is said by the code that it presents', () => {
    const flows = createFlows();
    grant(flows, 'a');
    grant(flows, 'b', 'bob', 'other');

    expect(redeem(flows, 'a')).toMatchObject({ client: 'web', user: 'alice' });
    expect(redeem(flows, 'b')).toMatchObject({ client: 'other', user: 'bob' });
    expect(redeem(flows, 'b').flow).toBe(redeem(flows, 'b').flow);
    expect(redeem(flows, 'c')).toMatchObject({ client: undefined, user: undefined });
  });

  it('is not changed by who presents it', () => {
    const flows = createFlows();
    grant(flows, 'a');

    expect(redeem(flows, 'a', { client_id: 'other' }).client).toBe('other');
    expect(redeem(flows, 'a').flow.client).toBe('web');
  });

  it('is said by credentials of any kind, and by none that cannot be read', () => {
    const flows = createFlows();
    const { headers } = withHeader(basic('a b', 'secret'));
    const claims = Buffer.from(JSON.stringify({ sub: 'signer' })).toString('base64url');
    const header = Buffer.from(JSON.stringify({ alg: 'ES256' })).toString('base64url');
    const assertion = {
      client_assertion: `${header}.${claims}.AAAA`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    const clientOf = (more: Parameters<typeof makeRequest>[0]) =>
      flows.find('token', makeRequest({ params: toParams({}), ...more })).client;

    expect(clientOf({ headers })).toBe('a b');
    expect(clientOf({ params: toParams(assertion) })).toBe('signer');
    expect(clientOf({ headers: { authorization: 'Basic ???' } })).toBeUndefined();
    expect(clientOf({})).toBeUndefined();
  });

  it('is forgotten, of the oldest, when there are very many', () => {
    const flows = createFlows();
    grant(flows, 'first');
    for (let index = 0; index < 10_000; index++) grant(flows, `code-${index}`);

    expect(redeem(flows, 'first').user).toBeUndefined();
    expect(redeem(flows, 'code-0').user).toBe('alice');
    expect(redeem(flows, 'code-9999').user).toBe('alice');
  });
});
