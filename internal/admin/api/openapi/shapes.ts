// What the shapes of our JSON APIs have in common. A shape is what JSON has to be, what it means, and, by
// its name, a part of the description that programs read.

import * as z from 'zod';
import type { JsonValue } from '../../../protocol/claims.ts';

export type Shapes = z.core.$ZodRegistry<{ readonly id: string }>;

/** Gives a shape its name, by which a description tells it once; a name is given once in each API. */
export function createNamed(shapes: Shapes) {
  return <Schema extends z.ZodType>(id: string, schema: Schema): Schema => {
    shapes.add(schema, { id });
    return schema;
  };
}

/** Text that is there, and that can stand in a line of a log. */
export const words = () =>
  z
    .string({ error: 'has to be text' })
    .min(1, 'is empty')
    .regex(/^\P{Cc}*$/u, {
      error: 'has a control character in it; leave it out',
    });

/** A whole number of seconds since 1970. */
export const moment = () => z.int({ error: 'has to be whole seconds since 1970' }).min(0);

/** Members whose names and values are those of a standard, or of a file of Asteroid, which judges them. */
export const metadata = () => {
  // Whoever asks has JSON in hand already.
  const value = z.unknown() as z.ZodType<JsonValue>;
  return z.record(z.string(), value, { error: 'has to be an object' });
};

/** What whoever is refused is told, in every API of ours. */
export const refusal = () =>
  z.strictObject({
    error: words().meta({ description: 'One word, for programs' }),
    error_description: words().meta({ description: 'What to do, for people' }),
  });
