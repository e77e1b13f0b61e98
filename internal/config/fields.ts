// The kinds of value that several sections of the configuration share.

import * as z from 'zod';
import { LANGUAGES, type Language } from '../protocol/languages.ts';

// Compiled validators would call `new Function`: slower to start, and a hole in a strict runtime.
z.config({ jitless: true });

/**
 * A map that refuses unknown keys. Its message is the list of the known ones, which `issues.ts`
 * turns into a suggestion.
 */
export const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined,
  });

/**
 * What most configurations say nothing about: the schema is made when something is held against it.
 * It has no default of its own, so that zod can be told what it would make it to find out.
 */
export function later<Schema extends z.ZodType>(make: () => Schema): z.ZodLazy<Schema> {
  const schema = z.lazy(make);
  Object.assign(schema._zod, { optin: undefined, optout: undefined });
  return schema;
}

const TEXT = z
  .string()
  .min(1)
  .refine((value) => !/\p{Cc}/u.test(value), 'has a control character in it; remove it');

/** Text that is there: at least one character, none of them a control character. */
export const text = () => TEXT;

/** Text that a rule judges: the rule answers with the problem, or with undefined. */
export const textWith = (rule: (value: string) => string | undefined) =>
  z.string().superRefine((value, context) => {
    const problem = rule(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

/** The name of a file; the loader makes it absolute. */
export const fileName = () => text();

/** A whole number within limits. */
export const count = (min: number, max: number) => z.int().min(min).max(max);

export const shortText = (most: number) =>
  text().refine((given) => given.length <= most, `has to be at most ${most} long`);

/** Text for people to read, of at most so many characters: one for everybody, or one for each language. */
export function words(most: number) {
  const one = shortText(most).optional();
  const each: { readonly [Tag in Language]: typeof one } = {
    en: one,
    de: one,
    fr: one,
    es: one,
    zh: one,
  };
  return z.union([shortText(most), section(each)], {
    error: `has to be text of at most ${most} characters, or one for each of ${LANGUAGES.join(', ')}`,
  });
}
