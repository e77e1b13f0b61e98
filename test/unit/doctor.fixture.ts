// A deployment as its issuer describes it, and what it may have seen.

import type { Arrival } from '../../internal/admin/arrivals.ts';
import type { StartAnswer } from '../../internal/admin/deployment.ts';
import type { Sighting } from '../../internal/admin/recorder.ts';
import type { Attack, Site } from '../../internal/doctor/attack.ts';
import { DECLARED } from './admin.fixture.ts';

export const CANARY = 'c'.repeat(64);

const route = (
  path: string,
  endpoint: string,
  methods: readonly string[],
  readsIdentity = false,
): StartAnswer['routes'][number] => ({
  path,
  endpoint,
  methods,
  readsIdentity,
  listener: readsIdentity ? 'browser' : 'back',
});

export const STARTED: StartAnswer = {
  canary: CANARY,
  expiresAt: 1_800_000_120,
  issuer: 'https://sso.example',
  headers: DECLARED,
  routes: [
    route('/.well-known/openid-configuration', 'discovery', ['GET', 'HEAD']),
    route('/authorize', 'authorize', ['GET', 'POST'], true),
    route('/consent', 'consent', ['POST'], true),
    route('/token', 'token', ['POST']),
  ],
};

export const SITE: Site = { ...STARTED, host: 'sso.example' };

export const ATTACK: Attack = {
  id: 'T01-test',
  says: 'a forged header',
  hole: 'header',
  header: 'X-Authenticated-User',
  path: '/authorize',
  messages: () => [{ path: '/authorize' }],
};

export const arrival = (more: Partial<Arrival>): Arrival => ({
  header: 'X-Authenticated-User',
  how: 'exact',
  canary: 0,
  other: 0,
  empty: 0,
  ...more,
});

export const sighting = (more: Partial<Sighting> = {}): Sighting => ({
  probe: 'p1',
  route: 'authorize',
  refused: undefined,
  identity: 'anonymous',
  identityRefused: undefined,
  believed: false,
  arrivals: [],
  ...more,
});
