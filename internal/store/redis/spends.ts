// Codes and refresh tokens are spent by one script on the keys of one slot, and asked again after a
// reset: the same attempt gets the same answer, so that a lost reply does not cost a sign-in.

import type { Grant, Redeemed, Redemption, Rotated, Store } from '../store.ts';
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
      return toRotated(reply);
    },
  };
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
