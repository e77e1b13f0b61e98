// Ports of the Admin API for tests of the others: whoever asks one of these has asked the wrong operation.

import type { ApiDeps } from '../../internal/admin/api/deps.ts';

const unasked = async (): Promise<never> => {
  throw new Error('nobody asks for it');
};

/** What operations on End-Users, authorizations and sessions do without. */
export const notAskedFor: Omit<ApiDeps, 'authorizations' | 'sessions' | 'users'> = {
  status: unasked,
  clients: {
    ...{ list: unasked, find: unasked, create: unasked, change: unasked, remove: unasked },
    ...{ addSecret: unasked, retireSecret: unasked },
  },
  keys: { source: () => 'memory', list: () => [], rotate: unasked, retire: unasked },
  configuration: {
    read: () => ({ configuration: {}, files: [], outdated: false }),
    reload: unasked,
  },
  trail: { query: unasked },
  audit: () => undefined,
};
