// What may be asked for in `authorization_details` (RFC 9396): one entry a type.

import * as z from 'zod';
import { type DetailsType, MEMBER_KINDS } from '../../protocol/details-types.ts';
import { section, text, textWith } from '../fields.ts';

const typeName = () =>
  textWith((name) =>
    /^[!-~]{1,128}$/.test(name)
      ? undefined
      : 'has to be 1 to 128 printable ASCII characters without blanks',
  );

const memberName = () =>
  textWith((name) => {
    if (!/^[A-Za-z_][\w-]{0,63}$/.test(name))
      return 'has to begin with a letter, with letters, digits, _ and - behind it';
    return ['type', '__proto__', 'constructor', 'prototype'].includes(name)
      ? 'is a member with a meaning of its own; use another name'
      : undefined;
  });

/** Type → what it means and has. */
export const authorizationDetailsTypes = () =>
  z.record(
    typeName(),
    section({
      description: text().meta({ description: 'What it is, on the page that asks the End-User' }),
      members: z
        .record(
          memberName(),
          z.enum(MEMBER_KINDS).meta({
            description:
              'text, number, boolean, list (of texts) or object (of these, two levels deep)',
          }),
        )
        .default({})
        .meta({ description: 'Members it may have beside type; any other is refused' }),
      required: z.array(text()).default([]).meta({ description: 'Members it has to have' }),
    })
      .refine(({ members, required }) => required.every((name) => Object.hasOwn(members, name)), {
        path: ['required'],
        error: 'names a member that is not among members; add it there',
      })
      .meta({ description: 'One type' }),
  );

type Given = z.output<ReturnType<typeof authorizationDetailsTypes>>;

/** From the names of the file to those of the domain. */
export const toDetailsTypes = (given: Given): ReadonlyMap<string, DetailsType> =>
  new Map(
    Object.entries(given).map(([name, { description, members, required }]) => [
      name,
      { description, members: new Map(Object.entries(members)), required },
    ]),
  );
