import { randomBytes } from 'node:crypto';
import {
  type SessionId,
  toAuthorizationId,
  toClientId,
  toSessionId,
  toSubject,
} from '../../internal/protocol/ids.ts';
import type { ClientRecord } from '../../internal/store/clients.ts';
import type { UserRecord } from '../../internal/store/people.ts';
import type {
  Expectations,
  Grant,
  NewAuthorization,
  NewPending,
  OwnSession,
  Redemption,
  Rotation,
  RotationExpectations,
  Store,
} from '../../internal/store/store.ts';

/** When the tests of stores take place; no clock of the machine is near it. */
export const NOW = 1_700_000_000;

export const CLIENT = toClientId('client');
/** Another client, just as valid: what it may not do, nobody may. */
export const OTHER = toClientId('other-client');

export const unique = (): string => randomBytes(16).toString('base64url');

export const GRANT: Grant = {
  clientId: CLIENT,
  subject: toSubject('alice'),
  scope: ['openid', 'email', 'offline_access'],
  redirectUri: 'https://client.example/callback?a=b',
  redirectUriSent: true,
  challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  resource: [],
  snapshot: { email: 'alice@example.com', groups: ['engineering'] },
  grantedAt: NOW,
};

/** What the honest client presents. */
export const EXPECTED: Expectations & RotationExpectations = {
  clientId: CLIENT,
  redirectUri: GRANT.redirectUri,
  challenge: GRANT.challenge,
  jkt: undefined,
  binding: undefined,
};

export const newAuthorization = (
  different: Partial<Omit<NewAuthorization, 'grant'>> & { readonly grant?: Partial<Grant> } = {},
): NewAuthorization => ({
  id: toAuthorizationId(unique()),
  code: { hash: unique(), expiresAt: NOW + 300 },
  refresh: { ttl: 1000, until: NOW + 5000 },
  ...different,
  grant: { ...GRANT, ...different.grant },
});

export const newSid = (): SessionId => toSessionId(unique());

/** The session as the store knows it: of whoever the fixtures are about. */
export const ofAlice = (sid: SessionId): OwnSession => ({ sid, subject: GRANT.subject });

/** An authorization of this session, with a nonce, that the index remembers for an hour. */
export const newMember = (
  sid: SessionId,
  different: Parameters<typeof newAuthorization>[0] = {},
): NewAuthorization =>
  newAuthorization({
    membership: { offline: false, until: NOW + 3600 },
    ...different,
    grant: { nonce: unique(), sid, ...different.grant },
  });

export const newRedemption = (different: Partial<Redemption> = {}): Redemption => ({
  attempt: unique(),
  now: NOW,
  expiresAt: NOW + 3600,
  refresh: { family: 'family', hash: 'token-1', binding: undefined },
  ...different,
});

/** Exchanges for `token-2`, with ten seconds of grace. */
export const newRotation = (different: Partial<Rotation> = {}): Rotation => ({
  attempt: unique(),
  now: NOW,
  expiresAt: NOW + 3600,
  next: { hash: 'token-2', seal: 'seal-2' },
  grace: 10,
  ...different,
});

export const newPending = (different: Partial<NewPending> = {}): NewPending => ({
  id: toAuthorizationId(unique()),
  request: { params: [['client_id', 'client']], subject: toSubject('alice'), parkedAt: NOW },
  hash: unique(),
  expiresAt: NOW + 600,
  ...different,
});

export const newClientRecord = (different: Partial<ClientRecord> = {}): ClientRecord => ({
  text: '{"client_name":"Printer"}',
  tokenHash: unique(),
  version: unique(),
  ...different,
});

export const newUserRecord = (different: Partial<UserRecord> = {}): UserRecord => ({
  text: '{"claims":{"name":"Ada"}}',
  version: unique(),
  ...different,
});

/** A refresh token of the family that `newRedemption` starts. */
export const token = (generation: number) => ({ family: 'family', hash: `token-${generation}` });

/** The exchange of one generation for the next. */
export const toNext = (generation: number, different: Partial<Rotation> = {}): Rotation =>
  newRotation({
    next: { hash: `token-${generation + 1}`, seal: `seal-${generation + 1}` },
    ...different,
  });

/** An authorization whose code is not redeemed yet. */
export async function createGranted(
  store: Store,
  different: Parameters<typeof newAuthorization>[0] = {},
): Promise<NewAuthorization> {
  const authorization = newAuthorization(different);
  await store.create(authorization, NOW);
  return authorization;
}

/** An authorization whose code is redeemed, so that `token(1)` is current. */
export async function createRedeemed(
  store: Store,
  different: Parameters<typeof newAuthorization>[0] = {},
): Promise<NewAuthorization> {
  const authorization = await createGranted(store, different);
  const { id, code } = authorization;
  const redeemed = await store.redeem(id, code.hash, EXPECTED, newRedemption());
  if (redeemed.kind !== 'fresh') throw new Error(`the fixture was not redeemed: ${redeemed.kind}`);
  return authorization;
}
