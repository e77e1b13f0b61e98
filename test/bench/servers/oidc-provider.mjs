// The best-known issuer of this platform over the same Redis, set up as its manual shows: ES256, a
// session that is signed in, consent given. It comes with opaque access tokens, which saves it one
// of the two signatures that Asteroid makes.

import { generateKeyPairSync } from 'node:crypto';
import { Redis } from 'ioredis';
import Provider from 'oidc-provider';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } from '../rows.ts';

const port = Number(process.env['PORT']);
const redis = new Redis(process.env['REDIS_URL'] ?? '', {
  keyPrefix: 'oidc:',
  enableAutoPipelining: true,
});

const GRANTABLE = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);
const HOUR = 3_600;

// The adapter of its examples, for a plain Redis.
function openAdapter(name) {
  const key = (id) => `${name}:${id}`;
  const find = async (id) => {
    const { payload, ...rest } = await redis.hgetall(key(id));
    return payload === undefined ? undefined : { ...rest, ...JSON.parse(payload) };
  };
  return {
    find,
    upsert: async (id, payload, expiresIn) => {
      const multi = redis.multi();
      multi.hset(key(id), { payload: JSON.stringify(payload) });
      if (expiresIn) multi.expire(key(id), expiresIn);
      if (GRANTABLE.has(name) && payload.grantId) {
        multi.rpush(`grant:${payload.grantId}`, key(id));
        multi.expire(`grant:${payload.grantId}`, expiresIn);
      }
      if (payload.uid) multi.set(`uid:${payload.uid}`, id, 'EX', expiresIn);
      await multi.exec();
    },
    findByUid: async (uid) => {
      const id = await redis.get(`uid:${uid}`);
      return id === null ? undefined : await find(id);
    },
    findByUserCode: async () => undefined,
    consume: async (id) => {
      await redis.hset(key(id), 'consumed', Math.floor(Date.now() / 1000));
    },
    destroy: async (id) => {
      await redis.del(key(id));
    },
    revokeByGrantId: async (grantId) => {
      const keys = await redis.lrange(`grant:${grantId}`, 0, -1);
      await redis.del(`grant:${grantId}`, ...keys);
    },
  };
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: openAdapter,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
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
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  pkce: { required: () => false },
  loadExistingGrant: async (ctx) => {
    const { Grant } = ctx.oidc.provider;
    const known = ctx.oidc.session?.grantIdFor(CLIENT_ID);
    if (known !== undefined) return await Grant.find(known);
    const accountId = ctx.oidc.session?.accountId;
    const grant = new Grant({
      clientId: CLIENT_ID,
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
