// What the shapes of the control API have in common beside what all of our APIs have.

import * as z from 'zod';
import { createNamed } from '../../../admin/api/openapi/shapes.ts';

/** Shapes by the names that the description gives them. */
export const SHAPES = z.registry<{ readonly id: string }>();

/** Gives a shape its name; a name is given once. */
export const named = createNamed(SHAPES);

/** Whoever adds time to something says how much of it. */
export const length = () =>
  z.union([z.string(), z.number()], {
    error: 'has to be a length of time, as in "2h" or "90s", or a number of seconds',
  });
