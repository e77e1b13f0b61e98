// What a spend does to an authorization, as decisions: a record and a question in, an answer and the
// record's next state out. The Lua of the Redis store makes the same decisions in the same order.

import type { AuthorizationId } from '../../protocol/ids.ts';
import { present } from '../../protocol/present.ts';
import type { PollExpectations, RedeemedDevice } from '../device.ts';
import type { LiveAuthorization } from '../granted.ts';
import type {
  CodeTerms,
  Expectations,
  FoundAuthorization,
  Grant,
  NewAuthorization,
  PresentedRefresh,
  Redeemed,
  Redemption,
  RefreshTerms,
  Rotated,
  Rotation,
  RotationExpectations,
} from '../store.ts';

/** What a presented code or refresh token is compared with; it outlives the grant. */
export type Compared = Pick<
  Grant,
  'clientId' | 'redirectUri' | 'redirectUriSent' | 'challenge' | 'jkt'
>;

/** As what the secret of an authorization is spent: each has its own comparisons. */
export type Flow = 'code' | 'device_code';

/** A family of refresh tokens: the current one, and what the one before it may still bring. */
export type Refresh = {
  readonly terms: RefreshTerms;
  readonly family: string;
  readonly binding: string | undefined;
  readonly current: string;
  readonly previous: string | undefined;
  readonly seal: string | undefined;
  readonly sealedUntil: number;
  readonly expiresAt: number;
};

type Common = {
  readonly compared: Compared;
  readonly flow: Flow;
  readonly code: CodeTerms;
  readonly life: number;
};

/** `life` is when the last thing under the record expires, in seconds since 1970. */
export type Authorization = Common &
  (
    | {
        readonly state: 'granted';
        readonly grant: Grant;
        readonly terms: RefreshTerms | undefined;
      }
    | {
        readonly state: 'redeemed';
        readonly grant: Grant;
        readonly attempt: string;
        /** When that was, in seconds since 1970. */
        readonly usedAt: number;
        readonly refresh: Refresh | undefined;
      }
    | {
        readonly state: 'ended';
        readonly family: string | undefined;
        readonly binding: string | undefined;
      }
  );

type Redeemable = Extract<Authorization, { readonly state: 'redeemed' }>;

/** `next` is absent when nothing changes. */
export type Decision<Answer> = { readonly answer: Answer; readonly next?: Authorization };

export const toAuthorization = (
  { grant, code, refresh }: NewAuthorization,
  flow: Flow = 'code',
): Authorization => ({
  state: 'granted',
  grant,
  compared: grant,
  flow,
  code,
  terms: refresh,
  life: code.expiresAt,
});

/** Of any number of redemptions exactly one is `fresh`; all others end the authorization. */
export function decideRedeem(
  held: Authorization,
  codeHash: string,
  expected: Expectations,
  redemption: Redemption,
): Decision<Redeemed> {
  if (!isSecretOf(held, 'code', codeHash)) return { answer: { kind: 'unknown' } };
  const of = findMismatch(held.compared, expected);
  return of === undefined ? spend(held, redemption) : { answer: { kind: 'mismatch', of } };
}

/** The same for a device code, which has neither a redirect URI nor a verifier. */
export function decideRedeemDevice(
  held: Authorization,
  codeHash: string,
  { clientId, jkt, onlyPolls = false }: PollExpectations,
  redemption: Redemption,
): Decision<RedeemedDevice> {
  if (!isSecretOf(held, 'device_code', codeHash)) return { answer: { kind: 'unknown' } };
  if (held.compared.clientId !== clientId) return { answer: { kind: 'mismatch', of: 'client' } };
  if (!isBoundTo(held.compared.jkt, jkt)) return { answer: { kind: 'mismatch', of: 'jkt' } };
  if (onlyPolls && held.state === 'granted') return { answer: { kind: 'pending' } };
  return spend(held, redemption);
}

// A code presented as a device code would need neither its redirect URI nor its verifier.
const isSecretOf = (held: Authorization, flow: Flow, codeHash: string): boolean =>
  held.flow === flow && held.code.hash === codeHash;

/** What is bound to nothing may be presented by anybody. */
const isBoundTo = (bound: string | undefined, proved: string | undefined): boolean =>
  bound === undefined || bound === proved;

function spend(
  held: Authorization,
  redemption: Redemption,
): Decision<Exclude<Redeemed, { kind: 'mismatch' }>> {
  if (held.state === 'redeemed' && held.attempt === redemption.attempt) {
    return { answer: toFresh(held) };
  }
  if (held.state !== 'granted') return endByReplay(held);
  const { attempt, now, expiresAt } = redemption;
  if (now >= held.code.expiresAt) return { answer: { kind: 'expired' } };
  const refresh = toRefresh(held.terms, redemption);
  const { grant, compared, flow, code } = held;
  const life = Math.max(held.life, expiresAt, refresh?.expiresAt ?? 0);
  const spent = { attempt, usedAt: now, refresh, life };
  const next = { state: 'redeemed', grant, compared, flow, code, ...spent } as const;
  return { answer: toFresh(next), next };
}

/** The current token is exchanged, the one before it repeated within its grace, all others end it. */
export function decideRotate(
  held: Authorization,
  presented: PresentedRefresh,
  { clientId, binding }: RotationExpectations,
  rotation: Rotation,
): Decision<Rotated> {
  if (familyOf(held) !== presented.family) return { answer: { kind: 'unknown' } };
  if (held.compared.clientId !== clientId) return { answer: { kind: 'mismatch', of: 'client' } };
  // Before anything is ended: a thief of an old token, who lacks the key, must not sign its owner out.
  if (!isBoundTo(bindingOf(held), binding)) return { answer: { kind: 'mismatch', of: 'binding' } };
  if (held.state !== 'redeemed' || held.refresh === undefined) return endByReplay(held);
  const { grant, refresh } = held;
  const { hash } = presented;
  if (hash === refresh.current) return rotateCurrent(held, refresh, rotation);
  if (hash !== refresh.previous) return endByReplay(held);
  const { expiresAt: refreshExpiresAt, seal } = refresh;
  if (held.attempt === rotation.attempt) {
    return { answer: { kind: 'fresh', grant, refreshExpiresAt } };
  }
  const { now } = rotation;
  if (seal === undefined || now > refresh.sealedUntil || now >= refreshExpiresAt) {
    return endByReplay(held);
  }
  const life = Math.max(held.life, rotation.expiresAt);
  return { answer: { kind: 'grace', grant, seal, refreshExpiresAt }, next: { ...held, life } };
}

/** Undefined when the authorization has ended, or everything under it has expired. */
export function toFound(held: Authorization, now: number): FoundAuthorization | undefined {
  if (held.state === 'ended' || now >= held.life) return undefined;
  const refresh = held.state === 'redeemed' ? held.refresh : undefined;
  if (refresh === undefined) return { grant: held.grant, refresh };
  const { family, current, expiresAt, binding } = refresh;
  return { grant: held.grant, refresh: { family, hash: current, expiresAt, binding } };
}

/** As its End-User sees it; undefined when it does not stand. */
export function toLive(
  id: AuthorizationId,
  held: Authorization,
  now: number,
): LiveAuthorization | undefined {
  if (held.state === 'ended' || now >= held.life) return undefined;
  const { clientId, scope, grantedAt, sid, redirectUri } = held.grant;
  return {
    ...{ id, clientId, scope, grantedAt, expiresAt: held.life },
    ...present({
      sid,
      usedAt: held.state === 'redeemed' ? held.usedAt : undefined,
      redirectUri: held.flow === 'code' ? redirectUri : undefined,
    }),
  };
}

function rotateCurrent(held: Redeemable, refresh: Refresh, rotation: Rotation): Decision<Rotated> {
  const { attempt, now, expiresAt, next, grace } = rotation;
  if (now >= refresh.expiresAt) return { answer: { kind: 'expired' } };
  const refreshExpiresAt = Math.min(now + refresh.terms.ttl, refresh.terms.until);
  const { terms, family, binding, current, previous, sealedUntil } = refresh;
  const kept: Refresh = {
    terms,
    family,
    binding,
    current: next?.hash ?? current,
    previous: next === undefined ? previous : current,
    seal: grace === 0 ? undefined : next?.seal,
    sealedUntil: next === undefined ? sealedUntil : now + grace,
    expiresAt: refreshExpiresAt,
  };
  const life = Math.max(held.life, expiresAt, refreshExpiresAt);
  return {
    answer: { kind: 'fresh', grant: held.grant, refreshExpiresAt },
    next: {
      state: 'redeemed',
      grant: held.grant,
      compared: held.compared,
      flow: held.flow,
      code: held.code,
      attempt,
      usedAt: now,
      refresh: kept,
      life,
    },
  };
}

function findMismatch(compared: Compared, { clientId, redirectUri, challenge, jkt }: Expectations) {
  if (compared.clientId !== clientId) return 'client';
  const sameUri =
    redirectUri === undefined ? !compared.redirectUriSent : redirectUri === compared.redirectUri;
  if (!sameUri) return 'redirect_uri';
  // A verifier where no challenge was sent is as wrong as none where one was: an attacker who could
  // strip the challenge from the authorization request would otherwise go unnoticed (RFC 9700 §4.8.2).
  if (compared.challenge !== challenge) return 'code_verifier';
  return isBoundTo(compared.jkt, jkt) ? undefined : 'jkt';
}

function toRefresh(terms: RefreshTerms | undefined, redemption: Redemption): Refresh | undefined {
  if (terms === undefined || redemption.refresh === undefined) return undefined;
  const { family, hash, binding } = redemption.refresh;
  const expiresAt = Math.min(redemption.now + terms.ttl, terms.until);
  return {
    terms,
    family,
    binding,
    current: hash,
    previous: undefined,
    seal: undefined,
    sealedUntil: 0,
    expiresAt,
  };
}

const toFresh = ({ grant, refresh }: Redeemable) =>
  ({ kind: 'fresh', grant, refreshExpiresAt: refresh?.expiresAt }) as const;

function familyOf(held: Authorization): string | undefined {
  if (held.state === 'granted') return undefined;
  return held.state === 'ended' ? held.family : held.refresh?.family;
}

function bindingOf(held: Authorization): string | undefined {
  if (held.state === 'granted') return undefined;
  return held.state === 'ended' ? held.binding : held.refresh?.binding;
}

// The grant and the tokens go; what stays knows the next replay, and who it has to come from.
function endByReplay(held: Authorization): Decision<{ readonly kind: 'replayed' }> {
  if (held.state === 'ended') return { answer: { kind: 'replayed' } };
  const { clientId, redirectUri, redirectUriSent, challenge, jkt } = held.compared;
  const { flow, code, life } = held;
  const compared: Compared = {
    ...{ clientId, redirectUri, redirectUriSent },
    ...present({ challenge, jkt }),
  };
  const [family, binding] = [familyOf(held), bindingOf(held)];
  return {
    answer: { kind: 'replayed' },
    next: { state: 'ended', family, binding, compared, flow, code, life },
  };
}
