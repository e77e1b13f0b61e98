import type { Client } from '../../protocol/client.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import type { Policy } from '../policy.ts';
import type { Credentials } from './credentials.ts';

/** One way for a client to prove who it is: the client record says which, never the request. */
export type ClientAuthMethod = {
  /** The registered `token_endpoint_auth_method` value. */
  readonly name: string;
  /** The only kind of credentials it looks at. */
  readonly takes: Credentials['kind'];
  /** What its assertions may be signed with, for the metadata; absent: it has none. */
  readonly signingAlgs?: readonly string[];
  /** Whether the operator configured what it needs; absent: it needs nothing. */
  readonly isOn?: (deps: Pick<Deps, 'workloads'>, policy: Policy) => boolean;
  /**
   * Whether the credentials are this client's; throws `Unavailable` where nobody can tell, and
   * `invalid_client` itself where the log should say more.
   */
  verify(
    client: Client,
    credentials: Credentials,
    request: ProtocolRequest,
    deps: Deps,
  ): boolean | Promise<boolean>;
};
