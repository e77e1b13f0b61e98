import type { Client } from '../../protocol/client.ts';
import type { Credentials } from './credentials.ts';

/** One way for a client to prove who it is: the client record says which, never the request. */
export type ClientAuthMethod = {
  /** The registered `token_endpoint_auth_method` value. */
  readonly name: string;
  /** The only kind of credentials it looks at. */
  readonly takes: Credentials['kind'];
  /** Whether the credentials are this client's. */
  verify(client: Client, credentials: Credentials): Promise<boolean>;
};
