// The usual way to write an issuer for this platform: Express 5 with its own parsers, and jose.

import express, { type Request } from 'express';
import { jwtVerify, SignJWT } from 'jose';
import {
  authorize,
  DISCOVERY,
  exchange,
  type Given,
  introspect,
  JWKS,
  pair,
  port,
  type Signing,
  userinfo,
} from './ceiling.ts';

const signing: Signing = {
  sign: (typ, claims) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', typ, kid: '1' })
      .sign(pair.privateKey),
  verify: async (token) => {
    const verified = await jwtVerify(token, pair.publicKey).catch(() => undefined);
    return verified?.payload;
  },
};

const queryOf =
  ({ query }: Request): Given =>
  (name) =>
    query[name]?.toString();
const formOf =
  ({ body }: Request): Given =>
  (name) =>
    body[name];

const app = express();
app.use(express.urlencoded({ extended: false }));
app.get('/.well-known/openid-configuration', (_, response) => void response.json(DISCOVERY));
app.get('/jwks.json', (_, response) => void response.json(JWKS));
app.get('/authorize', async (request, response) =>
  response.redirect(303, await authorize(queryOf(request))),
);
app.post('/token', async (request, response) => {
  const body = await exchange(signing, formOf(request));
  response.status(body === undefined ? 400 : 200).set('Cache-Control', 'no-store');
  response.json(body ?? { error: 'invalid_grant' });
});
app.get('/userinfo', async (request, response) => {
  response.json(await userinfo(signing, request.get('authorization')));
});
app.post('/introspect', async (request, response) => {
  response.json(await introspect(signing, formOf(request)));
});
app.listen(port, '127.0.0.1');
