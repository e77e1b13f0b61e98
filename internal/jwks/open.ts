// The library that reads what others signed is loaded with the first of it: most issuers never see any.

import type { ForeignKeysDeps } from './foreign-keys.ts';
import type { ForeignKeys } from './jwks.ts';

export function openForeignKeys(deps: ForeignKeysDeps): ForeignKeys {
  let opened: Promise<ForeignKeys> | undefined;
  const open = (): Promise<ForeignKeys> => {
    opened ??= import('./foreign-keys.ts').then(({ createForeignKeys }) => createForeignKeys(deps));
    return opened;
  };
  return {
    verify: async (...question) => (await open()).verify(...question),
    verifyByHeaderKey: async (...question) => (await open()).verifyByHeaderKey(...question),
  };
}
