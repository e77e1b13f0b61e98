// What one client may bring to the token endpoint instead of a sign-in, and what it gets for it.

import * as z from 'zod';
import {
  type GrantTerms,
  OWN_TOKENS,
  SUBJECT_TOKEN_TYPES,
  type TokenExchangeTerms,
} from '../../protocol/client-grants.ts';
import { parseScope } from '../../protocol/scope.ts';
import { later, section, text, textWith } from '../fields.ts';

const scope = () =>
  textWith((value) =>
    parseScope(value) === undefined
      ? 'has to be scope names with one blank between them'
      : undefined,
  );

const tokenExchange = () =>
  section({
    issuers: z
      .array(text())
      .min(1)
      .meta({
        description: `Whose tokens it may exchange: ${OWN_TOKENS}, or names of token_issuers`,
      }),
    subject_token_types: z
      .array(
        z.enum(SUBJECT_TOKEN_TYPES, {
          error: `has to be one of ${SUBJECT_TOKEN_TYPES.join(', ')}`,
        }),
      )
      .min(1)
      .default(['access_token'])
      .meta({ description: 'What they may be' }),
    clients: z
      .union([z.literal('*'), z.array(text())], { error: "has to be a list of client ids, or '*'" })
      .default([])
      .meta({
        description:
          "Clients whose tokens of ours it may exchange, besides those that are meant for it; '*': every client's",
      }),
    audiences: z.array(text()).min(1).meta({
      description: 'What it may have tokens for; the only one is also what it gets unasked',
    }),
    scope: scope().optional().meta({
      description: 'What such a token may carry at most; default: nothing',
    }),
    actor_issuers: z
      .array(text())
      .default([])
      .meta({ description: 'Whose tokens may say who acts, as in issuers' }),
    impersonation: z.boolean().default(false).meta({
      description: 'Without an actor token nobody is named in act; default: the client is',
    }),
    rebind: z.boolean().default(false).meta({
      description: 'A token bound to the key of another may be exchanged for one bound to its own',
    }),
  });

const jwtBearer = () =>
  section({
    issuers: z.array(text()).min(1).meta({
      description: 'Names of token_issuers whose assertions it may bring',
    }),
  });

/** Keys of a client's metadata. */
export const clientGrants = {
  token_exchange: later(tokenExchange).optional().meta({
    description: 'Which tokens it may exchange (RFC 8693), and for what',
  }),
  jwt_bearer: later(jwtBearer)
    .optional()
    .meta({ description: 'Whose assertions it may bring instead of a sign-in (RFC 7523)' }),
};

type Given = z.output<ReturnType<typeof section<typeof clientGrants>>>;

export const toGrantTerms = ({ token_exchange, jwt_bearer }: Given): GrantTerms => ({
  tokenExchange: token_exchange && toTokenExchange(token_exchange),
  jwtBearer: jwt_bearer,
});

const toTokenExchange = (given: NonNullable<Given['token_exchange']>): TokenExchangeTerms => ({
  issuers: given.issuers,
  subjectTokenTypes: given.subject_token_types,
  clients: given.clients,
  audiences: given.audiences,
  scope: given.scope === undefined ? [] : (parseScope(given.scope) ?? []),
  actorIssuers: given.actor_issuers,
  impersonation: given.impersonation,
  rebind: given.rebind,
});
