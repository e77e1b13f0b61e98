// Whatever is granted or refused is on record once: by the id of its request, in every sink alike.

import { describe, expect, it } from 'vitest';
import { CLIENT_SECRET, REDIRECT_URI, startProgram } from '../support/program.ts';
import type { RawAnswer } from '../support/raw-http.ts';
import { basic, type Query } from '../support/requests.ts';
import {
  ALICE,
  APP,
  ask,
  authorize,
  codeOf,
  HOST,
  redeem,
  SECRET,
  submit,
  user,
} from './threats.fixture.ts';

const program = await startProgram({
  config: {
    check: { enabled: true, original: 'x-original' },
    registration: { open: true, redirect_uris: { hosts: ['rp.example'] } },
  },
  clients: [
    {
      client_id: 'app',
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      scope: 'openid profile email groups offline_access',
      grant_types: [
        ...['authorization_code', 'refresh_token', 'client_credentials'],
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
    },
  ],
});
const at = program.public;
const WRONG = basic('app', 'not-the-secret-of-the-client-0123');
const PROVEN = [HOST, SECRET, ALICE];
const tokens = await redeem(at, codeOf(await ask(at, [authorize(), ...PROVEN])) ?? '');

const eventsOf = ({ headers }: RawAnswer): readonly unknown[] =>
  program
    .logged()
    .filter(({ audit, request_id }) => audit === true && request_id === headers['x-request-id'])
    .map(({ msg, reason }) => (reason === undefined ? msg : `${msg} ${reason}`));

const code = async () => codeOf(await ask(at, [authorize(), ...PROVEN])) ?? '';
const visit = (different: Query) => () => ask(at, [authorize(different), ...PROVEN]);
const send =
  (path: string, fields: Query, ...lines: readonly string[]) =>
  () =>
    submit(at, path, fields, ...lines);
const form = (path: string, fields: Query, ...lines: readonly string[]) =>
  send(path, fields, SECRET, ALICE, 'Sec-Fetch-Site: same-origin', ...lines);
const get =
  (target: string, ...lines: readonly string[]) =>
  () =>
    ask(at, [`GET ${target} HTTP/1.1`, HOST, ...lines]);
const token = (fields: Query, ...lines: readonly string[]) =>
  send('/token', fields, ...(lines.length === 0 ? [`Authorization: ${APP}`] : lines));
const bearer = (value: string) => `Authorization: Bearer ${value}`;
const register = (body: string) => () =>
  ask(
    at,
    [
      ...['POST /register HTTP/1.1', HOST, 'Content-Type: application/json'],
      `Content-Length: ${body.length}`,
    ],
    body,
  );

const CHECKED = ['X-Original-Method: GET', 'X-Original-URL: https://api.example/x'];
const redirect = { grant_type: 'authorization_code', redirect_uri: REDIRECT_URI };

const CASES: readonly (readonly [() => Promise<RawAnswer>, ...(readonly string[])])[] = [
  [visit({}), 'authorization.granted'],
  [get('/authorize?client_id=app', user('mallory')), 'identity.refused upstream_secret'],
  [() => ask(at, [authorize(), HOST, SECRET])],
  [() => ask(at, [authorize(), HOST, SECRET, SECRET, ALICE]), 'identity.refused upstream_secret'],
  [
    () => ask(at, [authorize(), HOST, 'X-Asteroid-Upstream-Secret: wrong', ALICE]),
    'identity.refused upstream_secret',
  ],
  [visit({ client_id: 'nobody' }), 'authorization.refused unknown_client'],
  [visit({ redirect_uri: 'https://evil.example/' }), 'authorization.refused redirect_uri_mismatch'],
  [visit({ response_type: 'token' }), 'authorization.refused unsupported_response_type'],
  [visit({ response_mode: 'smoke' }), 'authorization.refused response_mode_unknown'],
  [visit({ scope: 'openid phone' }), 'authorization.granted'],
  [visit({ scope: 'é' }), 'authorization.refused scope_malformed'],
  [visit({ prompt: 'none login' }), 'authorization.refused prompt_malformed'],
  [visit({ max_age: 'x' }), 'authorization.refused max_age_malformed'],
  [visit({ claims: '{' }), 'authorization.refused claims_malformed'],
  [visit({ id_token_hint: 'x' }), 'authorization.refused id_token_hint_invalid'],
  [
    visit({ request_uri: 'urn:ietf:params:oauth:request_uri:x' }),
    'authorization.refused request_uri_unknown',
  ],
  [visit({ request: 'x' }), 'authorization.refused request_not_supported'],
  [
    visit({ code_challenge: 'x', code_challenge_method: 'S256' }),
    'authorization.refused code_challenge_malformed',
  ],
  [visit({ acr_values: 'x', resource: 'x' }), 'authorization.refused resource_not_allowed'],
  [async () => token({ ...redirect, code: await code() })(), 'token.issued'],
  [token({ ...redirect, code: 'ac_x' }), 'token.refused code_unknown'],
  [token({ ...redirect }), 'token.refused parameter_missing'],
  [
    token({ ...redirect, code: 'x' }, `Authorization: ${WRONG}`),
    'token.refused client_secret_wrong',
  ],
  [
    token({ ...redirect, code: 'x' }, `Authorization: ${basic('nobody', 'x')}`),
    'token.refused unknown_client',
  ],
  [token({ ...redirect, code: 'x' }, 'Accept: */*'), 'token.refused credentials_missing'],
  [
    token({ ...redirect, code: 'x' }, 'Authorization: Basic %'),
    'token.refused authorization_malformed',
  ],
  [
    token({ ...redirect, code: 'x', client_id: 'app', client_secret: 'y' }),
    'token.refused several_client_auth_methods',
  ],
  [
    async () => token({ ...redirect, code: await code(), code_verifier: 'v'.repeat(43) })(),
    'token.refused code_verifier_mismatch',
  ],
  [
    async () => token({ ...redirect, code: await code(), redirect_uri: 'https://x.example/' })(),
    'token.refused redirect_uri_mismatch',
  ],
  [
    async () => {
      const used = await code();
      await redeem(at, used);
      return token({ ...redirect, code: used })();
    },
    'authorization.ended code_replayed',
    'token.refused code_replayed',
  ],
  [token({ grant_type: 'password' }), 'token.refused unsupported_grant_type'],
  [
    token({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'x' }),
    'token.refused unsupported_grant_type',
  ],
  [token({}), 'token.refused parameter_missing'],
  [
    token({ grant_type: 'refresh_token', refresh_token: 'rt_x' }),
    'token.refused refresh_token_unknown',
  ],
  [token({ grant_type: 'client_credentials' }), 'token.issued'],
  [token({ grant_type: 'client_credentials', scope: 'root' }), 'token.refused scope_not_allowed'],
  [
    token({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'x' }),
    'token.refused code_unknown',
  ],
  [get('/userinfo', bearer(tokens.access_token))],
  [get('/userinfo', bearer('x')), 'userinfo.refused invalid_token'],
  [get('/userinfo', bearer(tokens.id_token)), 'userinfo.refused invalid_token'],
  [get('/userinfo')],
  [
    get('/check?audience=https://api.example', ...CHECKED, bearer(tokens.access_token)),
    'check.refused invalid_token',
  ],
  [
    get('/check?audience=https://api.example', ...CHECKED, bearer('x')),
    'check.refused invalid_token',
  ],
  [get('/check?audience=https://api.example', ...CHECKED)],
  [send('/introspect', { token: tokens.access_token }, `Authorization: ${APP}`)],
  [send('/introspect', { token: 'x' }, `Authorization: ${APP}`)],
  [
    send('/introspect', { token: 'x' }, `Authorization: ${WRONG}`),
    'introspection.refused client_secret_wrong',
  ],
  [send('/introspect', { token: 'x' }), 'introspection.refused credentials_missing'],
  [send('/introspect', {}, `Authorization: ${APP}`), 'introspection.refused parameter_missing'],
  [
    send('/revoke', { token: 'x' }, `Authorization: ${WRONG}`),
    'revocation.refused client_secret_wrong',
  ],
  [send('/revoke', {}, `Authorization: ${APP}`), 'revocation.refused parameter_missing'],
  [
    async () => {
      const more = await redeem(at, await code());
      return send('/revoke', { token: more.access_token }, `Authorization: ${APP}`)();
    },
    'authorization.ended revoked',
  ],
  [
    send('/par', { redirect_uri: REDIRECT_URI }, `Authorization: ${WRONG}`),
    'authorization.refused client_secret_wrong',
  ],
  [
    send('/par', { redirect_uri: 'https://x.example/' }, `Authorization: ${APP}`),
    'authorization.refused redirect_uri_mismatch',
  ],
  [
    send(
      '/par',
      { response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid' },
      `Authorization: ${APP}`,
    ),
    'authorization.refused state_missing',
  ],
  [
    send('/device_authorization', {}, `Authorization: ${WRONG}`),
    'authorization.refused client_secret_wrong',
  ],
  [send('/device_authorization', { scope: 'openid' }, `Authorization: ${APP}`)],
  [form('/device', { user_code: 'BBBB-BBBB' }), 'user_code.refused user_code_unknown'],
  [
    form('/device', { user_code: 'BBBB-BBBB' }, 'Origin: https://evil.example'),
    'request.refused cross_site',
  ],
  [register('{'), 'registration.refused client_metadata_malformed'],
  [
    register('{"redirect_uris":["https://evil.example/"]}'),
    'registration.refused invalid_redirect_uri',
  ],
  [register(`{"redirect_uris":["${REDIRECT_URI}"]}`), 'client.registered'],
  [get('/register/x', bearer('x')), 'registration.refused registration_access_token_wrong'],
  [get('/end_session?id_token_hint=x', SECRET, ALICE), 'sign_out.asked id_token_hint_invalid'],
  [
    get('/end_session?post_logout_redirect_uri=https://x.example/', SECRET, ALICE),
    'sign_out.asked post_logout_redirect_uri_mismatch',
  ],
  [
    get(`/end_session?id_token_hint=${tokens.id_token}`, SECRET, ALICE),
    'sign_out.asked another_session',
  ],
  [get('/review', SECRET, ALICE)],
  [get('/review', user('root')), 'identity.refused upstream_secret'],
  [form('/review', { handle: 'x' }), 'review.refused handle_unknown'],
  [form('/consent', { handle: 'x', decision: 'approve' }), 'authorization.refused handle_unknown'],
  [get('/jwks.json')],
  [get('/nowhere')],
  [() => ask(at, ['GET /token HTTP/1.1', HOST])],
  [() => ask(at, ['GET /jwks.json HTTP/1.1', 'Host: evil.example'])],
  [
    () => ask(at, [authorize(), 'Host: evil.example', SECRET, ALICE]),
    'request.refused host_foreign',
  ],
];

describe('a request', () => {
  CASES.forEach(([request, ...events], index) => {
    const told = events.length === 0 ? 'nothing' : events.join(' and ');
    it(`leaves on record ${told} (${index})`, async () => {
      const answer = await request();

      expect(eventsOf(answer)).toEqual(events);
    });
  });
});
