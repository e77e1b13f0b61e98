import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createFolder, loadFolder, problemsOf } from './loader.fixture.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

const folderWith = (metadata: object) =>
  createFolder({
    'clients.yaml': JSON.stringify({
      clients: [
        {
          client_id: 'app',
          client_secret_file: 'app-secret',
          redirect_uris: ['https://app.example/cb'],
          ...metadata,
        },
      ],
    }),
  });

const loaded = async (metadata: object) =>
  (await loadFolder(await folderWith(metadata))).clients.get('app');

/** Without the place where it stands. */
const problemsWith = async (metadata: object) =>
  (await problemsOf(await folderWith(metadata))).map((line) =>
    line.replace(/^.*?clients\[0\]\./, ''),
  );

describe('clients.yaml: the form of tokens', () => {
  it('takes over everything that is said', async () => {
    const client = await loaded({
      access_token_format: 'opaque',
      access_token_signing_alg: 'PS256',
      id_token_audience: ['backend'],
      id_token_state_hash: true,
      id_token_signed_response_alg: 'EdDSA',
      userinfo_signed_response_alg: 'ES384',
      introspection_signed_response_alg: 'ES512',
      jwks: { keys: [rsa, ec] },
      id_token_encrypted_response_alg: 'RSA-OAEP-256',
      userinfo_encrypted_response_alg: 'ECDH-ES',
      userinfo_encrypted_response_enc: 'A256GCM',
      introspection_encrypted_response_alg: 'ECDH-ES+A256KW',
    });

    expect(client).toMatchObject({
      accessTokenFormat: 'opaque',
      accessTokenSigningAlg: 'PS256',
      idTokenAudience: ['backend'],
      idTokenStateHash: true,
      idTokenSignedResponseAlg: 'EdDSA',
      userinfoSignedResponseAlg: 'ES384',
      introspectionSignedResponseAlg: 'ES512',
      // OIDC Registration §2: what is not said is A128CBC-HS256.
      idTokenEncryption: { alg: 'RSA-OAEP-256', enc: 'A128CBC-HS256' },
      userinfoEncryption: { alg: 'ECDH-ES', enc: 'A256GCM' },
      introspectionEncryption: { alg: 'ECDH-ES+A256KW', enc: 'A128CBC-HS256' },
    });
  });

  const KEYS = { jwks: { keys: [rsa] } };
  const ALG = { id_token_encrypted_response_alg: 'RSA-OAEP-256' };
  for (const [metadata, problem] of [
    [
      { id_token_audience: ['backend', 'app'] },
      'id_token_audience[1]: is in the audience already; remove it',
    ],
    [
      { id_token_audience: ['backend', 'backend'] },
      'id_token_audience[1]: is in the audience already; remove it',
    ],
    [
      { id_token_encrypted_response_enc: 'A256GCM' },
      'id_token_encrypted_response_enc: is of no use without id_token_encrypted_response_alg; remove it',
    ],
    [ALG, 'id_token_encrypted_response_alg: needs keys; add one of jwks, jwks_uri, jwks_file'],
    [
      { ...ALG, jwks: { keys: [ec] } },
      'id_token_encrypted_response_alg: fits no key of jwks; add one that is not for signatures',
    ],
    [
      { ...ALG, jwks: { keys: [{ ...rsa, use: 'sig' }] } },
      'id_token_encrypted_response_alg: fits no key of jwks; add one that is not for signatures',
    ],
    [
      { ...KEYS, id_token_encrypted_response_alg: 'ECDH-ES' },
      'id_token_encrypted_response_alg: fits no key of jwks; add one that is not for signatures',
    ],
    [
      { ...KEYS, userinfo_encrypted_response_alg: 'RSA-OAEP-256' },
      'userinfo_encrypted_response_alg: needs userinfo_signed_response_alg; add it',
    ],
    [
      { ...KEYS, introspection_encrypted_response_alg: 'RSA-OAEP-256' },
      'introspection_encrypted_response_alg: needs introspection_signed_response_alg; add it',
    ],
    [
      { ...KEYS, id_token_encrypted_response_alg: 'RSA1_5' },
      'id_token_encrypted_response_alg: has to be one of RSA-OAEP-256, ECDH-ES, ECDH-ES+A256KW',
    ],
    [
      { ...KEYS, id_token_encrypted_response_alg: 'dir' },
      'id_token_encrypted_response_alg: has to be one of RSA-OAEP-256, ECDH-ES, ECDH-ES+A256KW',
    ],
    [
      { ...KEYS, ...ALG, id_token_encrypted_response_enc: 'A128GCM' },
      'id_token_encrypted_response_enc: has to be one of A128CBC-HS256, A256GCM',
    ],
    [
      { access_token_format: 'jwe' },
      'access_token_format: has to be one of jwt, opaque; did you mean jwt?',
    ],
    [
      { userinfo_signed_response_alg: 'none' },
      'userinfo_signed_response_alg: has to be one of ES256, RS256, PS256, EdDSA, ES384, ES512',
    ],
    [
      { id_token_signed_response_alg: 'HS256' },
      'id_token_signed_response_alg: has to be one of ES256, RS256, PS256, EdDSA, ES384, ES512; did you mean ES256?',
    ],
  ] as const)
    it(`refuses ${JSON.stringify(metadata).slice(0, 60)}: ${problem.slice(0, 50)}`, async () => {
      expect(await problemsWith(metadata)).toEqual([problem]);
    });

  it('leaves a URL to be asked when its keys are needed', async () => {
    const keys = { jwks_uri: 'https://app.example/jwks.json' };

    expect(await problemsWith({ ...keys, ...ALG })).toEqual([]);
    expect(await problemsWith({ ...KEYS, ...ALG })).toEqual([]);
  });
});
