// Time, keys, faults, and what was seen of all of it.

import * as z from 'zod';
import { metadata, moment, words } from '../../../admin/api/openapi/shapes.ts';
import { section } from '../../../config/fields.ts';
import { findNearest } from '../../../config/nearest.ts';
import type { Fault, Step, StepName } from '../../api.ts';
import { FAULT_NAMES } from '../../faults/table.ts';
import { length, named } from './shape.ts';

export const clock = named(
  'Clock',
  z.strictObject({ now: moment().meta({ description: 'Seconds since 1970' }) }),
);

/** How far the clock goes on; nothing goes back. */
export const advance = named(
  'Advance',
  section({ by: length().meta({ description: '"2h", "90s", or seconds' }) }).meta({
    examples: [{ by: '2h' }],
  }),
);

/** How keys are rotated. */
export const rotate = named(
  'Rotate',
  section({
    overlap: z.boolean({ error: 'has to be true or false' }).exactOptional().meta({
      description:
        'true, the default: the key before stays published for as long as its tokens live; false: it is gone',
    }),
    alg: words().exactOptional().meta({
      description: 'As in ES256; every algorithm that has a key when absent',
    }),
  }).meta({ examples: [{ overlap: false }] }),
);

const STEPS = [
  'discovery',
  'jwks',
  'authorize',
  'push',
  'consent',
  'account',
  'review',
  'choose',
  'deviceAuthorization',
  'device',
  'token',
  'userinfo',
  'introspect',
  'revoke',
  'check',
  'register',
  'registeredClient',
  'endSession',
  'signOut',
  'signedOut',
] as const satisfies readonly StepName[];

const stepName = named('StepName', z.enum(STEPS).meta({ description: 'An endpoint' }));

/** Of hundreds the nearest helps, and where they all are. */
const unknownFault = (name: unknown): string => {
  const nearest = typeof name === 'string' ? findNearest(name, FAULT_NAMES) : undefined;
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `has to be a fault of the catalogue (docs/faults.md)${hint}`;
};

const faultName = named(
  'FaultName',
  z.enum(FAULT_NAMES, { error: ({ input }) => unknownFault(input) }).meta({
    description: 'What goes wrong: an entry of the catalogue of faults',
  }),
);

const when = section({
  client: words().exactOptional().meta({ description: 'A client_id' }),
  user: words().exactOptional().meta({ description: 'The sub of an End-User' }),
  step: stepName.exactOptional(),
  nth: z.int().min(1).exactOptional().meta({
    description: 'Only the request of this number among those that fit the rest, from 1',
  }),
});

const faultMembers = {
  do: faultName,
  when: when.exactOptional().meta({ description: 'All of it has to fit; absent: every request' }),
  with: metadata().exactOptional().meta({ description: 'What the fault wants to know' }),
  times: z.int().min(1).exactOptional().meta({ description: 'How often; for ever when absent' }),
};

/** One way to misbehave, and when. */
export const fault = named(
  'Fault',
  section(faultMembers).meta({
    examples: [{ do: 'id_token.nonce.wrong', when: { client: 'web' }, times: 1 }],
  }) satisfies z.ZodType<Fault>,
);

export const addedFault = named(
  'AddedFault',
  z.strictObject({
    id: words().meta({ description: 'Its name in the paths of this issuer' }),
    ...faultMembers,
  }),
);

export const faults = named('Faults', z.strictObject({ faults: z.array(addedFault) }));

const seen = named(
  'Step',
  z.strictObject({
    step: stepName,
    client: words().exactOptional().meta({ description: 'Who asked, or was asked for' }),
    user: words().exactOptional().meta({ description: 'The sub of the End-User' }),
    request: z.record(z.string(), z.union([z.string(), z.array(z.string())])).meta({
      description: 'What was asked; what is secret, or another in every run, is [redacted]',
    }),
    status: z.int().meta({ description: 'Of HTTP; 0 where there was no answer' }),
    error: words().exactOptional().meta({ description: 'The error code of the standard' }),
    reason: words()
      .exactOptional()
      .meta({ description: 'Why, as the log says it: docs/errors.md' }),
    faults: z.array(faultName).exactOptional().meta({ description: 'Which had their way with it' }),
  }) satisfies z.ZodType<Step>,
);

export const flows = named('Flows', z.strictObject({ flows: z.array(seen) }));
