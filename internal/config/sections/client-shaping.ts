// What one client is told in another form than the others.

import * as z from 'zod';
import { RESERVED_CLAIMS } from '../../protocol/claims.ts';
import { type ClaimMapping, type Client, USERNAME_TRANSFORMS } from '../../protocol/client.ts';
import { compilePattern, findPatternProblem } from '../../protocol/pattern.ts';
import { section, text, textWith } from '../fields.ts';

/** Believed as addresses that somebody proved to have: no other claim may become one. */
const PROOFS = ['email', 'email_verified', 'phone_number', 'phone_number_verified'];
const claimName = () =>
  textWith((claim) => {
    if (claim === '') return 'is empty; name the claim';
    if (RESERVED_CLAIMS.has(claim))
      return 'is a claim that only Asteroid may set; use another name';
    return PROOFS.includes(claim)
      ? 'is believed as a proven address, and may not be made of anything; use another name'
      : undefined;
  });

const mapping = () =>
  section({
    from: text().meta({
      description: 'The claim it is made of: text or a list; released by the same scope',
    }),
    match: textWith(findPatternProblem).optional().meta({
      description: 'Regular expression that an entry has to match as a whole; others are left out',
    }),
    strip_prefix: text().optional().meta({
      description: 'Removed from the beginning; entries without it are left out',
    }),
    values: z
      .record(text(), text().meta({ description: 'What is said instead' }))
      .optional()
      .meta({
        description: 'What is left → what is said; what is not listed is left out',
      }),
  }).meta({ description: 'One claim' });

/** Keys of a client's metadata. */
export const clientShaping = {
  preferred_username_transform: z.array(z.enum(USERNAME_TRANSFORMS)).default([]).meta({
    description: 'What becomes of preferred_username, step by step',
  }),
  claims: z.record(claimName(), mapping()).default({}).meta({
    description: 'Claims made of other claims, for this client: claim name → how',
  }),
};

type Given = z.output<ReturnType<typeof section<typeof clientShaping>>>;

/** From the names of the file to those of the domain. */
export const toShaping = (
  given: Given,
): Pick<Client, 'preferredUsernameTransform' | 'claimMappings'> => ({
  preferredUsernameTransform: given.preferred_username_transform,
  claimMappings: Object.entries(given.claims).map(
    ([claim, entry]): ClaimMapping => ({
      claim,
      from: entry.from,
      match: entry.match === undefined ? undefined : compilePattern(entry.match),
      stripPrefix: entry.strip_prefix ?? '',
      values: entry.values === undefined ? undefined : new Map(Object.entries(entry.values)),
    }),
  ),
});
