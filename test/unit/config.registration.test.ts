import { describe, expect, it } from 'vitest';
import { clientSchema } from '../../internal/config/client.ts';
import { REGISTRABLE } from '../../internal/config/registration.ts';
import { CONFIG, createFolder, loadFolder, problemsOf, SECRET } from './loader.fixture.ts';

const folderOf = (text: string, files = {}) =>
  createFolder({ 'asteroid.yaml': `${CONFIG}registration: ${text}\n`, token: SECRET, ...files });
const load = async (text: string) => loadFolder(await folderOf(text));
const problems = async (text: string, files = {}) =>
  (await problemsOf(await folderOf(text, files))).join('\n');

describe('registration in asteroid.yaml', () => {
  it('is off when it is left out', async () => {
    const { config } = await loadFolder(await createFolder());

    expect(config.registration).toBeUndefined();
  });

  it('reads tokens from files and hashes, and is careful about the rest', async () => {
    const { config, registrationFiles, warnings } = await load(
      '{ initial_access_tokens: [{ file: token }, { hash: "$sha256$LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ" }] }',
    );

    expect(registrationFiles.initialAccessTokens).toHaveLength(2);
    expect(warnings.join()).not.toContain('registration');
    expect(config.registration).toMatchObject({
      open: false,
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'openid profile email offline_access',
      redirect_uris: { allow_loopback: false, allow_private_use_schemes: false },
      consent: 'once',
    });
  });

  it.each([
    ['{}', 'registration: lets nobody register'],
    ['{ open: true, initial_access_tokens: [{ file: token }] }', 'registration.open: makes'],
    ['{ initial_access_tokens: [{}] }', 'exactly one of hash and file'],
    ['{ initial_access_tokens: [{ hash: plain }] }', 'has to begin with $scrypt$ or $sha256$'],
    ['{ initial_access_tokens: [{ file: missing }] }', 'initial_access_tokens[0].file'],
    ['{ initial_access_tokens: [{ file: short }] }', 'is shorter than 32 bytes'],
    ['{ initial_access_tokens: [{ file: blanks }] }', 'no Authorization header can carry'],
    ['{ open: true, consent: skip }', 'registration.consent'],
    ['{ open: true, scope: "a  b" }', 'registration.scope'],
    ['{ open: true, redirect_uris: { hosts: ["*.example.com"] } }', 'has to be a host'],
    ['{ open: true, redirect_uris: { hosts: [] } }', 'registration.redirect_uris.hosts'],
    ['{ open: true, client_lifetime: 1s }', 'registration.client_lifetime'],
    [
      '{ open: true, grant_types: ["urn:ietf:params:oauth:grant-type:token-exchange"] }',
      'grant_types[0]: is for clients of clients.yaml alone',
    ],
    [
      '{ open: true, token_endpoint_auth_methods: [spiffe_jwt] }',
      'token_endpoint_auth_methods[0]: is for clients of clients.yaml alone',
    ],
    [
      '{ open: true, software_statements: [{ issuer: a, algorithms: [ES256] }] }',
      'exactly one of jwks_uri and jwks_file',
    ],
    [
      '{ open: true, software_statements: [{ issuer: a, algorithms: [HS256], jwks_uri: "https://a.example" }] }',
      'has to be asymmetric',
    ],
    [
      '{ open: true, software_statements: [{ issuer: a, algorithms: [ES256], jwks_file: token }] }',
      'software_statements[0].jwks_file',
    ],
    [
      '{ open: true, software_statements: [{ issuer: a, algorithms: [ES256], jwks_uri: "https://a.example" }, { issuer: a, algorithms: [ES256], jwks_uri: "https://a.example" }] }',
      'software_statements[1].issuer: is listed twice',
    ],
  ])('is refused as %s', async (text, problem) => {
    expect(
      await problems(text, { short: 'kK2w8cVbqMZ0p5yJ', blanks: `${SECRET} ${SECRET}` }),
    ).toContain(problem);
  });

  it('may not offer a scope that is for other clients', async () => {
    const text = '{ open: true, scope: "openid payroll" }\nscopes: { payroll: { clients: [app] } }';

    expect(await problems(text)).toContain('registration.scope: lists payroll');
  });
});

describe('what is registrable', () => {
  it('is metadata of clients', () => {
    const known = Object.keys(clientSchema.shape);

    expect(REGISTRABLE.filter((name) => !known.includes(name))).toEqual([]);
  });
});
