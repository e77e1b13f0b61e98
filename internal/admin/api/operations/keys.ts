// Keys: what signs, and from when to when.

import type { ApiDeps } from '../deps.ts';
import { operation } from '../operation.ts';
import * as shapes from '../shapes/keys.ts';

const list = ({ keys }: Pick<ApiDeps, 'keys'>) => ({
  body: { source: keys.source(), keys: keys.list() },
});

export const KEYS = [
  operation({
    id: 'listKeys',
    method: 'GET',
    path: '/keys',
    role: 'read',
    says: 'list keys with their states and times',
    answer: shapes.keys,
    run: async (_input, deps) => list(deps),
  }),
  operation({
    id: 'rotateKeys',
    method: 'POST',
    path: '/keys/rotate',
    role: 'write',
    says: 'add a successor to the keys of all algorithms in use, or of one',
    body: shapes.rotation,
    answer: shapes.keys,
    errors: ['conflict'],
    async run({ body, caller: { name: actor }, requestId }, deps) {
      const { alg, immediately = false } = body;
      await deps.keys.rotate(alg, immediately);
      deps.audit({ type: 'keys.rotated', alg, actor, requestId });
      return list(deps);
    },
  }),
  operation({
    id: 'retireKey',
    method: 'DELETE',
    path: '/keys/{kid}',
    role: 'write',
    says: 'take a key out for ever, with whatever it signed; never the one that signs',
    errors: ['not_found', 'conflict'],
    async run({ names: { kid }, caller: { name: actor }, requestId }, { keys, audit }) {
      await keys.retire(kid);
      audit({ type: 'key.retired', kid, actor, requestId });
      return { body: undefined };
    },
  }),
];
