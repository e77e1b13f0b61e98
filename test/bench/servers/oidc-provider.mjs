// The best-known issuer of this platform, over Redis or over a Map, set up as its manual shows: ES256, a
// session that is signed in, consent given. It comes with opaque access tokens, which saves it one
// of the two signatures that Asteroid makes.

import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';
import { CLIENT_ID, CLIENT_SECRET, PLAIN_CLIENT_ID, REDIRECT_URI } from '../rows.ts';

const port = Number(process.env['PORT']);
const redisUrl = process.env['REDIS_URL'] ?? '';
// Only who is given a Redis pays for its client.
const adapter =
  redisUrl === ''
    ? (await import('./adapter-map.mjs')).openAdapter
    : (await import('./adapter-redis.mjs')).connect(redisUrl);

const HOUR = 3_600;

const toClient = (clientId, ...more) => ({
  client_id: clientId,
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code', 'client_credentials', ...more],
  response_types: ['code'],
  id_token_signed_response_alg: 'ES256',
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  clients: [toClient(CLIENT_ID, 'refresh_token'), toClient(PLAIN_CLIENT_ID)],
  cookies: { keys: ['a key of the benchmark'] },
  claims: { email: ['email'], profile: ['name'] },
  conformIdTokenClaims: false,
  findAccount: (_, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, email: 'alice@example.test', name: 'Alice Example' }),
  }),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
  },
  interactions: { url: (_, interaction) => `/sign-in/${interaction.uid}` },
  issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  pkce: { required: () => false },
  loadExistingGrant: async (ctx) => {
    const { Grant } = ctx.oidc.provider;
    const known = ctx.oidc.session?.grantIdFor(ctx.oidc.client.clientId);
    if (known !== undefined) return await Grant.find(known);
    const accountId = ctx.oidc.session?.accountId;
    const grant = new Grant({
      clientId: ctx.oidc.client.clientId,
      ...(accountId === undefined ? {} : { accountId }),
    });
    grant.addOIDCScope('openid profile email offline_access');
    await grant.save();
    return grant;
  },
  ttl: {
    AccessToken: HOUR,
    AuthorizationCode: HOUR,
    IdToken: HOUR,
    RefreshToken: 24 * HOUR,
    Interaction: HOUR,
    Session: 24 * HOUR,
    Grant: 24 * HOUR,
    ClientCredentials: HOUR,
  },
});

// Whoever is asked to sign in is alice.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/sign-in/')) return await next();
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: 'alice' } });
  ctx.respond = false;
});

provider.listen(port, '127.0.0.1');
