// The configuration: what is in force, and reading the files again.

import { operation } from '../operation.ts';
import * as shapes from '../shapes/configuration.ts';

export const CONFIGURATION = [
  operation({
    id: 'readConfiguration',
    method: 'GET',
    path: '/configuration',
    role: 'read',
    says: 'tell the configuration that is in force, without its secrets',
    answer: shapes.configuration,
    async run(_input, { configuration }) {
      const { configuration: told, ...rest } = configuration.read();
      return { body: { ...rest, configuration: toMembers(told) } };
    },
  }),
  operation({
    id: 'reload',
    method: 'POST',
    path: '/reload',
    role: 'write',
    says: 'read the files of the configuration, and of keys, again',
    answer: shapes.reloaded,
    async run({ caller: { name: actor }, requestId }, { configuration, audit }) {
      audit({ type: 'reload.asked', actor, requestId });
      await configuration.reload();
      return { body: { outdated: configuration.read().outdated } };
    },
  }),
];

const toMembers = (value: unknown) => value as { readonly [name: string]: never };
