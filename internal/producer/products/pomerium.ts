import { statementsOf } from '../end-user.ts';
import { json, type Product, UNAUTHORIZED } from '../product.ts';

export const pomerium: Product = {
  // Without preserve_host_header, which is off unless somebody sets it.
  host: 'app',
  forwarding: { 'X-Forwarded-For': 'appended', 'X-Forwarded-Proto': 'proto' },
  nobody: 'ask',
  owns: ['X-Pomerium-*', 'X-Envoy-*'],
  signing: {
    // The host of the route, without its scheme.
    issuer: (origin) => new URL(origin).host,
    lifetime: 300,
    claims: (who, { now }) => ({
      user: who.subject,
      jti: `${who.sid}-${now}`,
    }),
  },
  doors: {
    '/.pomerium/': ({ who }) =>
      who === undefined
        ? UNAUTHORIZED
        : json({ ...statementsOf(who), sub: who.subject, sid: who.sid }),
    '/.pomerium/jwt': ({ who, lines: [assertion] }) =>
      who === undefined
        ? UNAUTHORIZED
        : {
            kind: 'answer',
            status: 200,
            headers: { 'Content-Type': 'application/jwt' },
            body: assertion?.[1] ?? '',
          },
    '/.pomerium/sign_in': ({ url }) => ({
      kind: 'choose',
      back: url.searchParams.get('pomerium_redirect_uri') ?? undefined,
    }),
    '/.well-known/pomerium': ({ origin }) =>
      json({
        issuer: `${origin}/`,
        jwks_uri: `${origin}/.well-known/pomerium/jwks.json`,
        frontchannel_logout_uri: `${origin}/.pomerium/sign_out`,
      }),
  },
};
