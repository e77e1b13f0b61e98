// Who signs in, and what comes of it without a browser.

import * as z from 'zod';
import { metadata, moment, words } from '../../../admin/api/openapi/shapes.ts';
import { section } from '../../../config/fields.ts';
import type { IssueRequest, SignedIn, Tokens } from '../../api.ts';
import { length, named } from './shape.ts';

const signedIn = named(
  'SignedIn',
  section({
    sub: words().meta({ description: 'Whose sub it is' }),
    auth_time: moment().exactOptional().meta({
      description: 'Seconds since 1970 by the clock of the issuer; this moment when absent',
    }),
    acr: words().exactOptional().meta({ description: 'The class of authentication' }),
    amr: z
      .array(words(), { error: 'has to be a list of texts' })
      .exactOptional()
      .meta({ description: 'How it was authenticated (RFC 8176)' }),
    sid: words().exactOptional().meta({
      description: 'The session at the proxy: another one is another sign-in',
    }),
    claims: metadata().exactOptional().meta({
      description: 'What the proxy says beside what the users of the issuer say, which goes first',
    }),
  }) satisfies z.ZodType<SignedIn>,
);

/** As whom every browser is signed in from here on. */
export const signIn = named(
  'SignIn',
  section({
    user: z
      .union([words(), signedIn], { error: 'has to be the sub of a user, or an object with it' })
      .meta({ description: 'The sub of a user, or what a proxy would say about one' }),
  }).meta({ examples: [{ user: 'alice' }, { user: { sub: 'alice', acr: 'mfa' } }] }),
);

/** What tokens are asked for. */
export const issue = named(
  'IssueRequest',
  section({
    as: words().exactOptional().meta({
      description: 'The sub of a user; absent: the client itself, as with client_credentials',
    }),
    client: words().meta({ description: 'A client_id; it has not to prove who it is' }),
    scope: z.string().exactOptional().meta({
      description: 'Separated by blanks; what the client may ask for when absent',
    }),
    claims: metadata().exactOptional().meta({
      description: 'Added to the access token, and to the ID Token where there is one',
    }),
    expiresIn: length().exactOptional().meta({
      description: 'Of every token; what the configuration says when absent',
    }),
    resource: z
      .union([words(), z.array(words())], { error: 'has to be one URI, or a list of them' })
      .exactOptional()
      .meta({ description: 'Whom the access token is for (RFC 8707)' }),
  }).meta({
    examples: [{ as: 'alice', client: 'web', scope: 'openid', expiresIn: '5m' }],
  }) satisfies z.ZodType<IssueRequest>,
);

/** As the token endpoint answers. */
export const tokens = named(
  'Tokens',
  z.looseObject({
    access_token: words(),
    token_type: words(),
    expires_in: z.int().meta({ description: 'Seconds' }),
    scope: z.string().exactOptional(),
    id_token: words().exactOptional(),
    refresh_token: words().exactOptional(),
  }) satisfies z.ZodType<Tokens>,
);
