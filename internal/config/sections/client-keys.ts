// Public keys of one client (RFC 7591 §2): in its entry, in a file, or behind a URL.

import * as z from 'zod';
import type { ClientKeys } from '../../protocol/client-keys.ts';
import { fileName, later, section, textWith } from '../fields.ts';
import { findKeyUriProblem } from './assertion.ts';

const keySet = () =>
  section({
    keys: z
      .array(
        z.record(z.string(), z.unknown().meta({ description: 'A member of the key' })).meta({
          description: 'A public key (RFC 7517 §4)',
        }),
      )
      .min(1)
      .meta({ description: 'Its public keys' }),
  });

/** Keys of a client's metadata. */
export const clientKeys = {
  jwks: later(keySet).optional().meta({ description: 'Its public keys, as a JWK Set' }),
  jwks_uri: textWith(findKeyUriProblem)
    .optional()
    .meta({
      description: 'URL of its JWK Set; at a private address only with outbound.allow_private',
      examples: ['https://app.example.com/jwks.json'],
    }),
  jwks_file: fileName()
    .optional()
    .meta({ description: 'File with its JWK Set, read again when it changes' }),
};

/** The three places; a client uses one. */
export const KEY_FORMS = ['jwks', 'jwks_uri', 'jwks_file'] as const;

type Given = z.output<ReturnType<typeof section<typeof clientKeys>>>;

/** @param file what `jwks_file` holds; undefined without one, or when it could not be read. */
export function toKeys({ jwks, jwks_uri }: Given, file: string | undefined): ClientKeys['keys'] {
  if (jwks !== undefined) return { kind: 'inline', text: JSON.stringify(jwks) };
  if (jwks_uri !== undefined) return { kind: 'uri', uri: jwks_uri, writtenBy: 'client' };
  return file === undefined ? undefined : { kind: 'inline', text: file };
}
