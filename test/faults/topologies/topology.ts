// How Redis is laid out, and what the suite has to know of any layout: how issuers are told where it
// is, and what is in it.

import type { JsonValue } from '../../../internal/protocol/claims.ts';
import { KEY_KINDS } from '../../../internal/store/redis/keys.ts';
import { tell } from '../../support/redis-client.ts';
import type { Durability } from '../promises.ts';

export type StoreSettings = Readonly<Record<string, JsonValue>>;

export type Deployment = {
  /** The section `store.redis` of either issuer. */
  readonly stores: readonly [StoreSettings, StoreSettings];
  /** Ports of every server that takes writes at the moment. */
  readonly primaries: () => Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
};

export type Topology<Layout extends Deployment> = {
  readonly name: string;
  readonly durability: Durability;
  readonly open: () => Promise<Layout>;
};

/** Names of the keys that docs/storage.md allows to live for ever. */
const ETERNAL = KEY_KINDS.filter(({ lives }) =>
  ['for ever', 'may be for ever', 'until the last of them is removed'].some((text) =>
    lives.endsWith(text),
  ),
).map(({ pattern }) => new RegExp(`^${pattern.replaceAll(/<\w+>/g, '[^:]+')}$`));

const FIND_ETERNAL = `
local found = {}
for _, key in ipairs(redis.call('KEYS', 'asteroid:*')) do
  if redis.call('PTTL', key) == -1 then found[#found + 1] = key end
end
return found`;

/** Keys that never expire and should. */
export async function findEternal({ primaries }: Deployment): Promise<readonly string[]> {
  const found = await Promise.all(
    (await primaries()).map((port) => tell(port, {}, 'EVAL', FIND_ETERNAL, 0)),
  );
  const names = found.flat().map(String);
  return names.filter((name) => !ETERNAL.some((pattern) => pattern.test(name)));
}

/** Connections that issuers hold. */
export async function countConnections({ primaries }: Deployment): Promise<number> {
  const lists = await Promise.all(
    (await primaries()).map(async (port) => String(await tell(port, {}, 'CLIENT', 'LIST'))),
  );
  return lists
    .join('\n')
    .split('\n')
    .filter((line) => line.includes('name=asteroid')).length;
}
