// The ceiling: bare node:http, and signatures by node:crypto in the way that is fastest on every line
// of Node, which is ASN.1 turned into what JWTs hold by hand. Every answer is made into JSON when it is
// asked for, also those that could be kept as bytes: the targets of discovery and JWKS speak of that.

import * as crypto from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import {
  authorize,
  DISCOVERY,
  exchange,
  introspect,
  JWKS,
  pair,
  port,
  type Signing,
  userinfo,
} from './ceiling.ts';
import { toAsn1, toRaw } from './es256.ts';

// A key that was made in this process signs more slowly than one that was read.
const privateKey = crypto.createPrivateKey(
  pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
const publicKey = crypto.createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' }));

const toHeader = (typ: string): string =>
  Buffer.from(JSON.stringify({ alg: 'ES256', typ, kid: '1' })).toString('base64url');
const HEADERS = { JWT: toHeader('JWT'), 'at+jwt': toHeader('at+jwt') };

const signing: Signing = {
  sign: (type, claims) => {
    const text = `${HEADERS[type]}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    const signature = toRaw(crypto.sign('sha256', Buffer.from(text), privateKey));
    return `${text}.${signature.toString('base64url')}`;
  },
  verify: (token) => {
    const end = token.lastIndexOf('.');
    const signature = toAsn1(Buffer.from(token.slice(end + 1), 'base64url'));
    if (!crypto.verify('sha256', Buffer.from(token.slice(0, end)), publicKey, signature)) return;
    const body = token.slice(token.indexOf('.') + 1, end);
    return JSON.parse(Buffer.from(body, 'base64url').toString());
  },
};

const read = (request: IncomingMessage): Promise<URLSearchParams> =>
  new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('latin1').on('error', reject);
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => resolve(new URLSearchParams(text)));
  });

function answer(response: ServerResponse, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  if (path === '/authorize') {
    const params = new URLSearchParams(query);
    const location = await authorize((name) => params.get(name));
    response.writeHead(303, { Location: location, 'Content-Length': 0 }).end();
  } else if (path === '/token') {
    const form = await read(request);
    const body = await exchange(signing, (name) => form.get(name));
    if (body === undefined) response.writeHead(400).end();
    else answer(response, body);
  } else if (path === '/userinfo') {
    answer(response, await userinfo(signing, request.headers.authorization));
  } else if (path === '/introspect') {
    const form = await read(request);
    answer(response, await introspect(signing, (name) => form.get(name)));
  } else if (path === '/jwks.json') answer(response, JWKS);
  else answer(response, DISCOVERY);
}

http
  .createServer((request, response) => {
    route(request, response).catch(() => response.writeHead(500).end());
  })
  .listen(port, '127.0.0.1');
