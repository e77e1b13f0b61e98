// One word for a list of settings: the profile of a client, and what only profiles ask for.

import * as z from 'zod';
import type { ProfileTerms } from '../../protocol/client-profile.ts';

/** Adding a profile: its name here, and its file in `config/profiles/`. */
export const PROFILES = ['fapi2'] as const;
export type ProfileName = (typeof PROFILES)[number];

/** Keys of a client's metadata. */
export const clientProfile = {
  profile: z.enum(PROFILES).optional().meta({
    description:
      'fapi2: everything that the FAPI 2.0 Security Profile demands of it is on, and what that forbids is refused',
  }),
  require_redirect_uri: z.boolean().default(false).meta({
    description: 'Its authorization requests have to name a redirect URI, though it has only one',
  }),
};

/** From the names of the file to those of the domain. */
export const toProfileTerms = (given: {
  readonly require_redirect_uri: boolean;
}): ProfileTerms => ({
  requireRedirectUri: given.require_redirect_uri,
});
