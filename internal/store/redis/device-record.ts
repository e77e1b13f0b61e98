// A device that waits as one Redis string: lines that scripts compare and replace, and last its request
// as JSON that no script looks into.

import { toClientId } from '../../protocol/ids.ts';
import type { FoundDevice, NewDeviceRequest } from '../device.ts';
import { parseRequest, printRequest } from './codec.ts';
import { line, markHash } from './record.ts';

// Line by line; what is refused keeps the first eight, with nothing in those of the polls.
//    0  1d, 1x: version, and waiting or refused            5  attempt that polled last
//    1  device code hash, marked                           6  what it was told
//    2  expiry                                             7  client
//    3  seconds between two polls                          8  user code hash
//    4  when it was polled last                            9  the request as JSON
const LINES = 10;

/** The record of a device that nobody has polled yet. */
export const printDevice = (device: NewDeviceRequest): string =>
  [
    ...['1d', line(markHash(device.hash)), line(device.expiresAt), line(device.interval)],
    ...['', '', '', line(device.clientId), line(device.userCodeHash), printRequest(device.request)],
  ].join('\n');

/** Undefined unless it waits, and its user code is this one and not over. */
export function parseDevice(
  record: string,
  userCodeHash: string,
  now: number,
): Omit<FoundDevice, 'id'> | undefined {
  const lines = record.split('\n');
  const [state, , expiresAt, , , , , clientId, code, json] = lines;
  if (lines.length !== LINES || state !== '1d' || code !== userCodeHash) return undefined;
  if (clientId === undefined || json === undefined || !(now < Number(expiresAt))) return undefined;
  const request = parseRequest(json);
  return request === undefined ? undefined : { request, clientId: toClientId(clientId) };
}
