// What the operations need of an issuer, each as the narrowest interface; whoever assembles it knows the
// rest. Adding a noun: its member here, its file in operations/, its line in table.ts.

import type { Authorizations, Sessions } from './ports/authorizations.ts';
import type { StatusReader } from './ports/status.ts';
import type { Users } from './ports/users.ts';

export type ApiDeps = {
  readonly status: StatusReader;
  readonly authorizations: Authorizations;
  readonly sessions: Sessions;
  readonly users: Users;
};
