// How long everything lives, for the issuer and, without defaults, for one client.

import type { Lifetimes } from '../../protocol/client.ts';
import { DAY, MINUTE } from '../../protocol/time.ts';
import { duration } from '../duration.ts';
import { section } from '../fields.ts';

const TEXTS = {
  // RFC 6749 §4.1.2 recommends ten minutes at most.
  authorization_code: {
    limits: { min: 1, max: 10 * MINUTE },
    standard: '5m',
    about: 'Authorization codes',
  },
  // RFC 8628 §6.1: who guesses has no more time than the user code was made for.
  device_code: {
    limits: { min: 1, max: 10 * MINUTE },
    standard: '10m',
    about: 'Device codes and the user codes that belong to them',
  },
  access_token: { limits: { min: 1, max: 30 * DAY }, standard: '1h', about: 'Access tokens' },
  id_token: { limits: { min: 1, max: 30 * DAY }, standard: '1h', about: 'ID Tokens' },
  refresh_token: {
    limits: { min: 1, max: 3650 * DAY },
    standard: '30d',
    about: 'Refresh tokens with offline_access, from their last use',
  },
  refresh_token_max: {
    limits: { min: 1, max: 3650 * DAY },
    standard: '90d',
    about: 'Refresh tokens with offline_access, from the sign-in',
  },
  session_refresh_token: {
    limits: { min: 1, max: 3650 * DAY },
    standard: '8h',
    about: 'Refresh tokens without offline_access, from the sign-in',
  },
  refresh_token_grace: {
    limits: { min: 0, max: 5 * MINUTE },
    standard: '10s',
    about:
      'How long a used refresh token still gets the successor it got, for lost answers; 0s: not at all',
  },
} as const;

type Name = keyof typeof TEXTS;

const issuerWide = (name: Name) =>
  duration(TEXTS[name].limits)
    .prefault(TEXTS[name].standard)
    .meta({ description: TEXTS[name].about });

const perClient = (name: Name) =>
  duration(TEXTS[name].limits)
    .optional()
    .meta({ description: `${TEXTS[name].about}; default: that of the issuer` });

const SLIDING = {
  path: ['refresh_token_max'],
  error: 'is shorter than refresh_token; make it as long at least',
};

export const lifetimes = () =>
  section({
    authorization_code: issuerWide('authorization_code'),
    device_code: issuerWide('device_code'),
    access_token: issuerWide('access_token'),
    id_token: issuerWide('id_token'),
    refresh_token: issuerWide('refresh_token'),
    refresh_token_max: issuerWide('refresh_token_max'),
    session_refresh_token: issuerWide('session_refresh_token'),
    refresh_token_grace: issuerWide('refresh_token_grace'),
    pushed_request: duration({ min: 5, max: 10 * MINUTE })
      .prefault('90s')
      .meta({
        description: 'Pushed authorization requests, until a browser brings their request_uri',
      }),
    session: duration({ min: MINUTE, max: 365 * DAY })
      .prefault('24h')
      .meta({
        description: 'Sessions of browsers, from the last sign-in in them',
      }),
  }).refine((given) => given.refresh_token_max >= given.refresh_token, SLIDING);

export const clientLifetimes = () =>
  section({
    authorization_code: perClient('authorization_code'),
    device_code: perClient('device_code'),
    access_token: perClient('access_token'),
    id_token: perClient('id_token'),
    refresh_token: perClient('refresh_token'),
    refresh_token_max: perClient('refresh_token_max'),
    session_refresh_token: perClient('session_refresh_token'),
    refresh_token_grace: perClient('refresh_token_grace'),
  });

type Given = { readonly [key in Name]?: number | undefined };

/** From the names of the file to those of the domain; what is not given stays absent. */
export function toLifetimes(given: Given): Partial<Lifetimes> {
  const named: readonly (readonly [keyof Lifetimes, number | undefined])[] = [
    ['authorizationCode', given.authorization_code],
    ['deviceCode', given.device_code],
    ['accessToken', given.access_token],
    ['idToken', given.id_token],
    ['refreshToken', given.refresh_token],
    ['refreshTokenMax', given.refresh_token_max],
    ['sessionRefreshToken', given.session_refresh_token],
    ['refreshTokenGrace', given.refresh_token_grace],
  ];
  return Object.fromEntries(named.filter(([, seconds]) => seconds !== undefined));
}
