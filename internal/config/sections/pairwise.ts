// Pairwise subjects (OIDC Core §8.1): the salt of the issuer, and what one client says about its own.

import * as z from 'zod';
import type { Client } from '../../protocol/client.ts';
import { fileName, section, textWith } from '../fields.ts';

export const pairwise = () =>
  section({
    salt_file: fileName().meta({
      description:
        'File with at least 32 bytes that nobody else knows; another content changes every pairwise subject',
      examples: ['/run/secrets/pairwise-salt'],
    }),
  });

const host = () =>
  textWith((value) =>
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(value)
      ? undefined
      : 'has to be a host in small letters, without scheme, port and path',
  );

/** Keys of a client's metadata. */
export const clientSubject = {
  subject_type: z.enum(['public', 'pairwise']).default('public').meta({
    description: 'pairwise: it knows End-Users by a sub that no client of another host is told',
  }),
  sector_identifier: host().optional().meta({
    description:
      'Host whose clients are told the same pairwise subjects; default: that of its redirect URIs',
  }),
};

type Given = {
  readonly subject_type: 'public' | 'pairwise';
  readonly sector_identifier?: string | undefined;
  readonly redirect_uris: readonly string[];
};

/** The distinct hosts of the redirect URIs; an app's own scheme has none. */
export const redirectHosts = ({ redirect_uris }: Given): readonly string[] => [
  ...new Set(
    redirect_uris
      .filter((uri) => /^https?:/.test(uri) && URL.canParse(uri))
      .map((uri) => new URL(uri).hostname),
  ),
];

/** Undefined for public subjects; whether it can be told at all is for `checks/pairwise.ts` to say. */
export const toSectorIdentifier = (given: Given): Client['sectorIdentifier'] =>
  given.subject_type === 'public'
    ? undefined
    : (given.sector_identifier ?? redirectHosts(given)[0] ?? '');
