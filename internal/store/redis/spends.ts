// Codes and refresh tokens are spent by one script on the keys of one slot, and asked again after a
// reset: the same attempt gets the same answer, so that a lost reply does not cost a sign-in.

import type { AuthorizationId } from '../../protocol/ids.ts';
import type { Grant, Redeemed, Redemption, Rotated, Store } from '../store.ts';
import { enterIndexes } from './indexes.ts';
import { parseGrant, printFamily } from './record.ts';
import { judgeAt } from './resurrection.ts';
import { type Access, type Reply, run } from './run.ts';
import { REDEEM, ROTATE } from './scripts.ts';

const MISMATCHES = ['redirect_uri', 'code_verifier', 'jkt'] as const;
const UNKNOWN: Reply = ['unknown'];

export function createSpendVerbs(access: Access): Pick<Store, 'redeem' | 'rotate'> {
  const { redis, ask, names } = access;
  const keysOf = (id: Parameters<Store['redeem']>[0]) =>
    [names.authorization(id), names.seal(id)] as const;

  return {
    async redeem(id, codeHash, expected, { attempt, now, expiresAt, refresh }) {
      const { clientId, redirectUri, challenge = '', jkt = '' } = expected;
      const presented = redirectUri === undefined ? '' : `=${redirectUri}`;
      const spent = [codeHash, clientId, jkt, attempt, expiresAt, ...printFirst(refresh)];
      const reply = await ask.untilAnswered('redeem', async (notAfter) => {
        const at = await judgeAt(access, id, now);
        const args = [notAfter, at, ...spent, presented, challenge] as const;
        return run(redis, REDEEM, keysOf(id), args, UNKNOWN);
      });
      return toRedeemed(reply);
    },

    async rotate(id, { family, hash }, expected, { attempt, now, expiresAt, next, grace }) {
      const { clientId, binding = '' } = expected;
      const successor = [next?.hash ?? '', next?.seal ?? '', grace];
      const reply = await ask.untilAnswered('rotate', (notAfter) => {
        const args = [
          notAfter,
          now,
          family,
          hash,
          clientId,
          attempt,
          expiresAt,
          ...successor,
          binding,
        ] as const;
        return run(redis, ROTATE, keysOf(id), args, UNKNOWN);
      });
      const rotated = toRotated(reply);
      if (rotated.kind === 'fresh') {
        enterAgain(access, id, rotated.grant, { now, expiresAt, until: Number(reply[3]) });
      }
      return rotated;
    },
  };
}

type Again = { readonly now: number; readonly expiresAt: number; readonly until: number };

// The index of its End-User, in another slot, may have been lost without it. Nobody waits: after a loss each
// use of what is older says it once more. A session that has ended takes nothing in, and what outlives it is
// its End-User's all the same.
function enterAgain(
  access: Access,
  id: AuthorizationId,
  grant: Grant,
  { now, expiresAt, until }: Again,
): void {
  if (!access.continuity.mayBeLost({ at: grant.grantedAt, now })) return;
  const offline = grant.scope.includes('offline_access');
  const membership = { offline, until: until + expiresAt - now };
  const { sid: _, ...sessionless } = grant;
  void access.ask
    .once('rotate', async (notAfter) => {
      const enter = (granted: Grant) =>
        enterIndexes(access, { id, grant: granted, membership }, now, notAfter)?.reply;
      if ((await enter(grant))?.[0] === 'ended') await enter(sessionless);
    })
    .catch(() => {});
}

/** The two arguments of a first refresh token; empty where none was made. */
export const printFirst = (refresh: Redemption['refresh']): readonly [string, string] =>
  refresh === undefined ? ['', ''] : [printFamily(refresh), refresh.hash];

/** What REDEEM and its like answered. */
export function toRedeemed(reply: Reply): Redeemed {
  const [kind, detail = '', grantText] = reply;
  switch (kind) {
    case 'fresh': {
      const grant = readGrant(grantText);
      if (grant === undefined) return { kind: 'unknown' };
      return { kind, grant, refreshExpiresAt: detail === '' ? undefined : Number(detail) };
    }
    case 'mismatch':
      return { kind, of: MISMATCHES.find((of) => of === detail) ?? 'client' };
    case 'replayed':
    case 'expired':
      return { kind };
    default:
      return { kind: 'unknown' };
  }
}

function toRotated(reply: Reply): Rotated {
  const [kind, detail = '', grantText, seal = ''] = reply;
  switch (kind) {
    case 'fresh':
    case 'grace': {
      const grant = readGrant(grantText);
      if (grant === undefined) return { kind: 'unknown' };
      const refreshExpiresAt = Number(detail);
      if (kind === 'fresh') return { kind, grant, refreshExpiresAt };
      return { kind, grant, seal, refreshExpiresAt };
    }
    case 'mismatch':
      return { kind, of: detail === 'binding' ? detail : 'client' };
    case 'replayed':
    case 'expired':
      return { kind };
    default:
      return { kind: 'unknown' };
  }
}

const readGrant = (text: string | undefined): Grant | undefined =>
  text === undefined ? undefined : parseGrant(text.split('\n'));
