// Access tokens that are bound to a certificate, at the Admin API: whoever stole one has no certificate to show, and
// nobody is asked for one there.

import { describe, expect, it } from 'vitest';
import { callAdmin, TOKENS } from '../support/admin-api.ts';
import { type Metadata, startProgram } from '../support/program.ts';
import { claimsOf } from '../support/tokens.ts';
import { CLIENTS, FILES, over, PKI, PKI_CLIENTS, SELF } from './client-certificates.fixture.ts';
import { submit } from './threats.fixture.ts';

const AUDIENCE = 'https://sso.example/admin';
const MAY = { scope: 'admin:write', resources: [AUDIENCE] };
const NAMES = ['pki', 'self', 'plain'];

const [pki = {}] = PKI_CLIENTS;
const [self = {}] = CLIENTS;
const ALL: readonly Metadata[] = [
  { ...pki, ...MAY },
  { ...self, ...MAY },
  { ...pki, ...MAY, client_id: 'plain', tls_client_certificate_bound_access_tokens: false },
];

async function start() {
  const program = await startProgram({
    config: {
      listen: {
        ...{ public: { port: 0 }, admin: { port: 0 } },
        mtls: {
          port: 0,
          tls: {
            ...{ cert_file: 'tls.crt', key_file: 'tls.key' },
            client_ca_file: 'clients-ca.crt',
          },
        },
      },
      endpoints: { mtls_base: 'https://mtls.sso.example' },
      scopes: { 'admin:write': {} },
      admin: {
        tokens: TOKENS,
        access_tokens: { audience: AUDIENCE, clients: NAMES, write_scope: 'admin:write' },
      },
    },
    clients: ALL,
    files: FILES,
  });
  const issue = async (clientId: string, certificate: typeof PKI): Promise<string> => {
    const fields = { grant_type: 'client_credentials', client_id: clientId };
    const target = over(program.at('mtls'), certificate);
    const { body } = await submit(target, '/token', {
      ...{ ...fields, scope: 'admin:write', resource: AUDIENCE },
    });
    return JSON.parse(body).access_token;
  };
  return { program, issue, admin: callAdmin(program.at('admin')) };
}

describe('access tokens bound to a certificate (Admin API, RFC 8705 §3; O21)', () => {
  it('are refused, and those of the same client that are not bound are taken', async () => {
    const { program, issue, admin } = await start();
    const statusOf = async (token: string) => (await admin.ask('GET', '/status', { token })).status;

    for (const [clientId, certificate] of [
      ['pki', PKI],
      ['self', SELF],
    ] as const) {
      const bound = await issue(clientId, certificate);
      expect(claimsOf(bound)).toMatchObject({
        aud: AUDIENCE,
        cnf: { 'x5t#S256': expect.any(String) },
      });
      expect(await statusOf(bound)).toBe(401);
    }
    expect(program.logged().filter(({ msg }) => msg === 'admin.refused')).toMatchObject([
      { reason: 'admin_token_bound' },
      { reason: 'admin_token_bound' },
    ]);
    const bearer = await issue('plain', PKI);
    expect(claimsOf(bearer)).not.toHaveProperty('cnf');
    expect(await statusOf(bearer)).toBe(200);
  });
});
