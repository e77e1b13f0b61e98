// What the operations need of an issuer, each as the narrowest interface; whoever assembles it knows the
// rest. Adding a noun: its member here, its file in operations/, its line in table.ts.

import type { Audit } from '../../audit/events.ts';
import type { AuditTrail } from '../../audit/trail.ts';
import type { Authorizations, Sessions } from './ports/authorizations.ts';
import type { ClientDirectory } from './ports/clients.ts';
import type { ConfigurationReader } from './ports/configuration.ts';
import type { KeyDirectory } from './ports/keys.ts';
import type { StatusReader } from './ports/status.ts';
import type { Users } from './ports/users.ts';

export type ApiDeps = {
  readonly status: StatusReader;
  readonly clients: ClientDirectory;
  readonly keys: KeyDirectory;
  readonly configuration: ConfigurationReader;
  readonly trail: Pick<AuditTrail, 'query'>;
  /** Told of each change, with who did it. */
  readonly audit: Audit;
  readonly authorizations: Authorizations;
  readonly sessions: Sessions;
  readonly users: Users;
};
