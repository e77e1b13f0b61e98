// What a client is, as far as somebody who agreed to it relied on it: who can receive what it is given, and how
// it proves that it is who it says.

import { createHmac, hash, type KeyObject } from 'node:crypto';
import type { Client, ClientSecret } from '../../protocol/client.ts';

/**
 * The same for the same client. Another one after a reload that gave its name to somebody else: other addresses,
 * other secrets or keys. What was agreed to is asked again then.
 */
export const hashDefinition = (client: Client): string =>
  hash('sha256', JSON.stringify(definitionOf(client)), 'base64url').slice(0, 22);

const definitionOf = ({
  redirectUris,
  tokenEndpointAuthMethod,
  applicationType,
  sectorIdentifier,
  secrets,
  keys,
  certificateName,
}: Client): readonly unknown[] => [
  redirectUris.toSorted(),
  tokenEndpointAuthMethod,
  applicationType,
  sectorIdentifier ?? null,
  secrets.map(printSecret).sort(),
  keys ?? null,
  certificateName ?? null,
];

/** Nothing that is secret, but a hash of it. */
function printSecret(secret: ClientSecret): string {
  switch (secret.kind) {
    case 'sha256':
      return toText(secret.digest);
    case 'scrypt':
      return toText(secret.salt) + toText(secret.hash);
    case 'clear':
      return createHmac('sha256', secret.key as KeyObject)
        .update('definition')
        .digest('base64url');
    default:
      return secret satisfies never;
  }
}

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
