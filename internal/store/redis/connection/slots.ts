// Which node of a Redis Cluster has which key: the slot of a key, the map of the slots, and what a node says
// when it is asked for a key that it does not have.

import { type Address, readAddress, toHost } from './addresses.ts';

export const SLOTS = 16_384;

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** CRC16 of what stands between the first braces, or of the whole key where nothing does. */
export function toSlot(key: string): number {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open);
  const tag = close > open + 1 ? key.slice(open + 1, close) : key;
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc = ((crc << 8) & 0xffff) ^ (CRC_TABLE[(crc >> 8) ^ byte] ?? 0);
  }
  return crc % SLOTS;
}

/** Some slots in a row, and who has them: the primary first, then its replicas. */
export type SlotRange = {
  readonly first: number;
  readonly last: number;
  readonly nodes: readonly [Address, ...Address[]];
};

/** What `CLUSTER SLOTS` answered; what is not as expected is left out, and so a slot that nobody has. */
export function parseSlots(answer: unknown, saidBy: string): readonly SlotRange[] {
  const ranges: readonly unknown[] = Array.isArray(answer) ? answer : [];
  return ranges.flatMap((range): readonly SlotRange[] => {
    if (!Array.isArray(range)) return [];
    const [first, last, ...described] = range.map((part: unknown) => part);
    const [primary, ...replicas] = described.flatMap((node) => parseNode(node, saidBy));
    if (!isSlot(first) || !isSlot(last) || primary === undefined) return [];
    return [{ first, last, nodes: [primary, ...replicas] }];
  });
}

function parseNode(node: unknown, saidBy: string): readonly Address[] {
  if (!Array.isArray(node)) return [];
  const port = Number(node[1]);
  return port > 0 ? [{ host: toHost(node[0], saidBy), port }] : [];
}

const isSlot = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < SLOTS;

/** Whoever is asked for what it does not have executes nothing, and says what to do instead. */
export type Redirect =
  | { readonly kind: 'moved'; readonly slot: number; readonly to: Address }
  /** Only this command goes there: the slot is on its way. */
  | { readonly kind: 'ask'; readonly to: Address }
  /** Some of the keys have moved already and some have not. */
  | { readonly kind: 'again' };

/** Undefined for every other error. */
export function parseRedirect(error: unknown, saidBy: string): Redirect | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  const [word, slotText, address = ''] = error.message.split(' ');
  if (word === 'TRYAGAIN') return { kind: 'again' };
  if (word !== 'MOVED' && word !== 'ASK') return undefined;
  const slot = Number(slotText);
  const to = readAddress(address, saidBy);
  if (!isSlot(slot) || to === undefined) return undefined;
  return word === 'ASK' ? { kind: 'ask', to } : { kind: 'moved', slot, to };
}
