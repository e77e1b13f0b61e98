import * as z from 'zod';
import { createNamed } from '../openapi/shapes.ts';

/** Shapes by the names that the description gives them. */
export const SHAPES = z.registry<{ readonly id: string }>();

/** Gives a shape its name; a name is given once. */
export const named = createNamed(SHAPES);

const MOST_LISTED = 100;

/** How much of a list one answer has, and where it goes on. */
export const page = () => ({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, 'has to be a number from 1 to 100')
    .transform(Number)
    .refine((limit) => limit <= MOST_LISTED, 'has to be a number from 1 to 100')
    .prefault('50')
    .meta({ description: 'At most so many, 1 to 100; 50 unless said' }),
  after: z.string().min(1, 'is empty').max(512, 'is too long').exactOptional().meta({
    description: '`next` of the answer before this one',
  }),
});

/** Of a list: absent with its last part. */
export const next = () =>
  z.string().exactOptional().meta({ description: 'Ask again with this as `after`' });
