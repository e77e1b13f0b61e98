// Starts the application with what the environment says. `npx asteroid dev` is an issuer for it; see README.md.

import { createApp } from './app.ts';

const { env } = process;
const port = Number(env['PORT'] ?? 3000);
const url = env['URL'] ?? `http://localhost:${port}`;

createApp({
  url,
  issuer: env['ISSUER'] ?? 'http://localhost:8880',
  clientId: env['CLIENT_ID'] ?? 'test-client',
  clientSecret: env['CLIENT_SECRET'] ?? 'test-secret',
  audience: env['AUDIENCE'] ?? url,
}).listen(port, 'localhost', () => console.log(`Listening on ${url}`));
