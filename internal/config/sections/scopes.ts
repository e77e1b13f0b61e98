// Scopes of one's own, and what standard ones have beyond their meaning.

import * as z from 'zod';
import { RESERVED_CLAIMS } from '../../protocol/claims.ts';
import { parseScope } from '../../protocol/scope.ts';
import { buildScopeTable, type ScopeTable } from '../../protocol/scope-table.ts';
import { section, text, textWith, words } from '../fields.ts';
import type { Finding } from '../finding.ts';

const scopeName = () =>
  textWith((name) =>
    name.includes(' ') || parseScope(name) === undefined
      ? 'has to be one scope name: printable ASCII characters, none of them a blank, " or \\'
      : undefined,
  );

const claimName = () =>
  textWith((claim) => {
    if (claim === '' || /\p{Cc}/u.test(claim)) return 'has to be the name of a claim';
    return RESERVED_CLAIMS.has(claim)
      ? 'is a claim that only Asteroid may set, and that no scope releases; remove it'
      : undefined;
  });

const scope = () =>
  section({
    description: words(200).optional().meta({
      description:
        'What the client wants to know or do, as the consent page says it to End-Users: one text, or one for each of en, de, fr, es and zh',
    }),
    claims: z.array(claimName()).default([]).meta({
      description: 'Claims it releases in ID Tokens and at UserInfo, of those that backends know',
    }),
    default: z.boolean().default(false).meta({
      description: 'Granted to clients that ask for no scope at all',
    }),
    clients: z.array(text()).min(1).optional().meta({
      description: 'Ids of the clients that may ask for it; default: all whose scope allows it',
    }),
  }).meta({ description: 'One scope' });

export const scopes = () =>
  z.record(scopeName(), scope()).superRefine((given, context) => {
    // Nobody should be signed in for weeks because a client forgot to say what it wants.
    if (given['offline_access']?.default === true) {
      context.addIssue({
        code: 'custom',
        path: ['offline_access', 'default'],
        message: 'cannot be granted without being asked for (OIDC Core §11); remove it',
      });
    }
  });

type Given = z.output<ReturnType<typeof scopes>>;

/** From the words of the file to the table that everything about scopes is read from. */
export const toScopeTable = (given: Given): ScopeTable =>
  buildScopeTable(
    new Map(
      Object.entries(given).map(([name, { default: isDefault, description, claims, clients }]) => [
        name,
        { description, claims, isDefault, clients },
      ]),
    ),
  );

/** Ids under `clients` that no client has; it may be registered later, or the id is misspelt. */
export const findStrangers = (
  given: Given,
  known: ReadonlyMap<string, unknown>,
): readonly Finding[] =>
  Object.entries(given).flatMap(([name, { clients = [] }]) =>
    clients.flatMap((id, index) =>
      known.has(id)
        ? []
        : [
            {
              path: ['scopes', name, 'clients', index],
              problem: 'is the id of no client of clients.yaml; correct it, or remove it',
            },
          ],
    ),
  );
