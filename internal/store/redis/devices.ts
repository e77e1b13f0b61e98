// The device flow in Redis (RFC 8628). Who decides waits for a person, and may take a second round trip
// where keys of two slots have to change in an order; who polls may not.

import {
  type AuthorizationId,
  type ClientId,
  toAuthorizationId,
  toClientId,
} from '../../protocol/ids.ts';
import type { DeviceDecision, DeviceVerbs, RedeemedDevice } from '../device.ts';
import { parseDevice, printDevice } from './device-record.ts';
import { takePlace } from './grants.ts';
import { enterIndexes } from './indexes.ts';
import { markHash, parseFound, printTerms } from './record.ts';
import { judgeAt } from './resurrection.ts';
import { type Access, type Reply, readText, run, toMilliseconds } from './run.ts';
import { LINGER, MARK, PLACE } from './scripts.ts';
import { DECIDE, REDEEM_DEVICE } from './scripts-device.ts';
import { printFirst, toRedeemed } from './spends.ts';
import { settleTogether } from './together.ts';

const REFUSED: Reply = ['refused'];
const TAKEN: Reply = ['taken'];
const UNKNOWN: Reply = ['unknown'];

const PARKED = { placed: 'parked', full: 'full', taken: 'code_taken' } as const;

export function createDeviceVerbs(access: Access): DeviceVerbs {
  const { redis, ask, reading, names, maxPending } = access;
  return {
    async parkDevice(device, now) {
      const { id, clientId, userCodeHash, expiresAt, perClient } = device;
      const [key, codeKey] = [names.authorization(id), names.userCode(userCodeHash)];
      const ttl = toMilliseconds(expiresAt - now);
      const life = toMilliseconds(expiresAt - now + LINGER);
      const record = printDevice(device);
      const outcome = await ask.once('parkDevice', (notAfter) =>
        settleTogether({
          record: run(redis, PLACE, [key], [notAfter, record, life], REFUSED),
          marks: [
            takePlace(access, names.pending, [notAfter, id, ttl, maxPending]),
            takePlace(access, names.waiting(clientId), [notAfter, id, ttl, perClient]),
            {
              reply: run(redis, MARK, [codeKey], [notAfter, ttl, id], TAKEN),
              undo: () => redis.del(codeKey),
            },
          ],
          undoRecord: () => redis.del(key),
        }),
      );
      if (outcome === 'refused' || outcome === 'ended') {
        throw new Error('a request of this id exists already');
      }
      return PARKED[outcome];
    },

    // The user code leads to the record, and only the record knows whether it was answered.
    async findDevice(userCodeHash, now) {
      return reading.ask.once('findDevice', async () => {
        const id = await readText(reading.redis, names.userCode(userCodeHash));
        if (id === undefined) return undefined;
        const key = names.authorization(toAuthorizationId(id));
        const record = await readText(reading.redis, key);
        const found = record === undefined ? undefined : parseDevice(record, userCodeHash, now);
        return found && { id: toAuthorizationId(id), ...found };
      });
    },

    decideDevice: (id, decision, now) =>
      ask.once('decideDevice', (notAfter) => decide(access, { id, decision, now, notAfter })),

    async redeemDevice(id, codeHash, { clientId, jkt = '', onlyPolls = false }, redemption) {
      const { attempt, now, expiresAt, refresh } = redemption;
      const spent = [markHash(codeHash), clientId, jkt, attempt, expiresAt, ...printFirst(refresh)];
      const only = onlyPolls ? '1' : '';
      const reply = await ask.untilAnswered('redeemDevice', async (notAfter) => {
        const keys = [names.authorization(id), names.seal(id)] as const;
        const at = await judgeAt(access, id, now);
        return run(redis, REDEEM_DEVICE, keys, [notAfter, at, ...spent, only], UNKNOWN);
      });
      return toRedeemedDevice(reply);
    },
  };
}

type Deciding = {
  readonly id: AuthorizationId;
  readonly decision: DeviceDecision;
  readonly now: number;
  readonly notAfter: number;
};

/**
 * First the indexes, then the grant: the device may poll at any moment, and what it gets must not come of
 * a session that is over.
 */
async function decide(access: Access, deciding: Deciding) {
  const { redis, names } = access;
  const { id, decision, now, notAfter } = deciding;
  const entering = enter(access, deciding);
  if ((await entering?.reply)?.[0] === 'ended') return 'session_ended';
  const grant = decision.kind === 'granted' ? printTerms(decision) : '';
  const key = names.authorization(id);
  const reply = await run(redis, DECIDE, [key], [notAfter, now, grant], UNKNOWN);
  const [outcome, client = '', userCode = ''] = reply;
  if (outcome !== 'decided') {
    await leaveUnlessGranted(reply, deciding, entering?.leave);
    return 'unknown';
  }
  giveBack(access, id, toClientId(client), userCode);
  return 'decided';
}

const enter = (access: Access, { id, decision, now, notAfter }: Deciding) =>
  decision.kind === 'denied' ? undefined : enterIndexes(access, { id, ...decision }, now, notAfter);

// A member of a session it was not granted in would end with that session, which is somebody else's. Where
// it was granted in this one, by the other of two clicks, the members are that one's. An answer that was
// lost keeps it: one too many ends nothing that lives, one too few would keep somebody signed in.
async function leaveUnlessGranted(
  [, record = '']: Reply,
  { decision, now }: Deciding,
  leave: (() => Promise<unknown>) | undefined,
): Promise<void> {
  const granted = parseFound(record, now)?.grant;
  const mine = decision.kind === 'granted' ? decision.grant : undefined;
  const isSame = granted?.sid === mine?.sid && granted?.subject === mine?.subject;
  if (granted === undefined || !isSame) await leave?.();
}

// Nobody waits for this: what is not given back now goes when it expires.
function giveBack(
  { redis, names }: Access,
  id: AuthorizationId,
  clientId: ClientId,
  userCodeHash: string,
): void {
  redis.zrem(names.pending, id).catch(() => {});
  redis.zrem(names.waiting(clientId), id).catch(() => {});
  redis.del(names.userCode(userCodeHash)).catch(() => {});
}

function toRedeemedDevice(reply: Reply): RedeemedDevice {
  const [kind, interval] = reply;
  switch (kind) {
    case 'pending':
    case 'denied':
      return { kind };
    case 'slow_down':
      return { kind, interval: Number(interval) };
    default: {
      const redeemed = toRedeemed(reply);
      if (redeemed.kind !== 'mismatch') return redeemed;
      return { kind: 'mismatch', of: redeemed.of === 'jkt' ? 'jkt' : 'client' };
    }
  }
}
