// The mock server that many test suites use, as its manual starts it, with the algorithm of the others.
// It checks no client and no token: userinfo and introspection answer the same to everybody.

import { OAuth2Server } from 'oauth2-mock-server';

const server = new OAuth2Server();
await server.issuer.keys.generate('ES256');
await server.start(Number(process.env['PORT']), '127.0.0.1');
