import { authentikService } from '../../upstream/lines/auth/authentik.ts';
import { authentik as tokenPreset } from '../../upstream/presets/authentik.ts';
import { authentikHeaders as headersPreset } from '../../upstream/presets/authentik-headers.ts';
import { linesAsHeaders } from '../checked.ts';
import { type SignedIn, textOf } from '../end-user.ts';
import { type Line, plainLines } from '../plain.ts';
import type { Product } from '../product.ts';

const SLUG = 'asteroid';
const { pages = '' } = authentikService;

/** The outpost sends plain headers and the token together, whichever of them an app reads. */
const plain = (who: SignedIn): readonly Line[] =>
  headersPreset.source.kind === 'headers'
    ? plainLines(headersPreset.source.headers, who, true)
    : [];

const token = (assertion: string): readonly Line[] =>
  tokenPreset.source.kind === 'assertion'
    ? [[tokenPreset.source.assertion.header ?? '', assertion]]
    : [];

const META: readonly Line[] = [
  ['X-Authentik-Meta-Outpost', 'asteroid'],
  ['X-Authentik-Meta-Provider', 'asteroid'],
  ['X-Authentik-Meta-App', SLUG],
  ['X-Authentik-Meta-Version', 'goauthentik.io/outpost/asteroid'],
  ['X-Authentik-Entitlements', ''],
];

const OUTPOST = {
  host: 'kept',
  forwarding: { 'X-Forwarded-For': 'appended' },
  nobody: 'ask',
  sendsEmpty: true,
  owns: ['X-Authentik-*'],
  signing: {
    as: 'authentik',
    issuer: (origin) => `${origin}/application/o/${SLUG}/`,
    lifetime: 24 * 60 * 60,
    claims: (who, { audience: [client = ''] }) => ({
      azp: client,
      uid: who.sid,
      auth_time: who.since,
      acr: 'goauthentik.io/providers/oauth2/default',
      nickname: textOf(who, 'preferred_username'),
      given_name: textOf(who, 'name'),
      email_verified: who.claims['email_verified'] === true,
      ak_proxy: { user_attributes: {}, is_superuser: false },
    }),
  },
  doors: {
    [`${pages}ping`]: () => ({ kind: 'answer', status: 204 }),
    ...Object.fromEntries(
      [authentikService.nginx.check, ...Object.values(authentikService.forward)].map(
        (path) => [path, linesAsHeaders] as const,
      ),
    ),
  },
} as const satisfies Product;

export const authentik: Product = {
  ...OUTPOST,
  beside: (who) => [...plain(who), ...META],
};

export const authentikHeaders: Product = {
  ...OUTPOST,
  beside: (_who, assertion) => [...token(assertion), ...META],
};
