// The device flow in memory (RFC 8628). A device that waits is in the budget of pending requests; what
// was granted, and that something was refused, in that of the End-Users.

import type { DeviceDecision, DeviceVerbs, NewDeviceRequest } from '../device.ts';
import { decideRedeemDevice, toAuthorization } from './authorization.ts';
import { decidePoll, findStranger, tellDenied } from './device.ts';
import { enterIndexes, keep, LINGER, mayEnter, sizeOf } from './granting.ts';
import type { Room } from './room.ts';

export function createDeviceVerbs(room: Room): DeviceVerbs {
  const { authorizations, waiting, denied, clock } = room;
  return {
    async parkDevice(request, now) {
      const { id, clientId, userCodeHash, expiresAt, interval, perClient } = request;
      if (waiting.get(id, clock()) !== undefined) {
        throw new Error('a request of this id exists already');
      }
      if (!room.mayPark() || waiting.countOf(clientId, clock()) >= perClient) return 'full';
      if (waiting.findByUserCode(userCodeHash, clock()) !== undefined) return 'code_taken';
      const until = room.toOurs(expiresAt, now);
      waiting.add({ request, interval }, until, until + LINGER);
      return 'parked';
    },
    async findDevice(userCodeHash, now) {
      const found = waiting.findByUserCode(userCodeHash, clock())?.request;
      if (found === undefined || now >= found.expiresAt) return undefined;
      const { id, request, clientId } = found;
      return { id, request, clientId };
    },
    async decideDevice(id, decision, now) {
      const request = waiting.get(id, clock())?.request;
      if (request === undefined || now >= request.expiresAt) return 'unknown';
      if (decision.kind === 'granted') return grantDevice(room, request, decision, now);
      room.reserve('decideDevice', 1);
      const { hash, clientId, expiresAt } = request;
      denied.set(id, { hash, clientId, expiresAt }, room.toOurs(expiresAt + LINGER, now));
      waiting.remove(id);
      return 'decided';
    },
    async redeemDevice(id, hash, expected, redemption) {
      const held = authorizations.get(id, clock());
      if (held !== undefined) {
        const { answer, next } = decideRedeemDevice(held, hash, expected, redemption);
        if (next !== undefined) keep(room, id, next, redemption.now);
        return answer;
      }
      const device = waiting.get(id, clock());
      const known = device?.request ?? denied.get(id, clock());
      if (known === undefined) return { kind: 'unknown' };
      const refused = findStranger(known, { hash, clientId: expected.clientId });
      if (refused !== undefined) return refused;
      if (device === undefined) return tellDenied(known, redemption.now);
      const { answer, next } = decidePoll(device, redemption);
      if (next !== undefined) waiting.update(next);
      return answer;
    },
  };
}

function grantDevice(
  room: Room,
  { id, hash, expiresAt }: NewDeviceRequest,
  { kind: _, ...decision }: Extract<DeviceDecision, { readonly kind: 'granted' }>,
  now: number,
) {
  const authorization = { id, ...decision, code: { hash, expiresAt } };
  room.reserve('decideDevice', sizeOf(room, authorization));
  if (!mayEnter(room, authorization)) return 'session_ended';
  enterIndexes(room, authorization, now);
  keep(room, id, toAuthorization(authorization, 'device_code'), now);
  room.waiting.remove(id);
  return 'decided';
}
