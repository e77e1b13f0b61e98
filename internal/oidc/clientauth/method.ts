import type { Client } from '../../protocol/client.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import type { Credentials } from './credentials.ts';

/** One way for a client to prove who it is: the client record says which, never the request. */
export type ClientAuthMethod = {
  /** The registered `token_endpoint_auth_method` value. */
  readonly name: string;
  /** The only kind of credentials it looks at. */
  readonly takes: Credentials['kind'];
  /** Whether the credentials are this client's; throws `Unavailable` where nobody can tell. */
  verify(
    client: Client,
    credentials: Credentials,
    request: ProtocolRequest,
    deps: Deps,
  ): Promise<boolean>;
};
