// Which header says what about the End-User, and how it is written. Every form is declared, none is
// guessed. What is left out comes from the preset, so that nothing here has a default of its own.

import * as z from 'zod';
import { RESERVED_CLAIMS } from '../../protocol/claims.ts';
import { findPatternProblem } from '../../protocol/pattern.ts';
import { later, section, text, textWith } from '../fields.ts';
import { headerName } from './header-name.ts';

/** @param header an example of a name. */
const field = (header: string) => ({
  name: headerName()
    .optional()
    .meta({ description: 'The header that carries it', examples: [header] }),
  encoding: z
    .enum(['ascii', 'utf-8', 'latin1', 'percent', 'rfc2047', 'base64url'])
    .optional()
    .meta({ description: 'How its bytes are to be read; ascii unless the preset says otherwise' }),
  pattern: textWith(findPatternProblem)
    .optional()
    .meta({
      description: 'Regular expression that the whole value has to match',
      examples: ['[A-Za-z0-9._@-]{1,64}'],
    }),
});

const displayField = (header: string) => ({
  ...field(header),
  on_invalid: z
    .enum(['drop', 'reject'])
    .optional()
    .meta({ description: 'An unreadable value drops the claim, or refuses the request' }),
});

const listField = (header: string) => ({
  ...field(header),
  format: z
    .enum(['csv', 'pipe', 'space', 'repeated', 'json'])
    .optional()
    .meta({ description: 'How several entries are written; csv unless the preset says otherwise' }),
  allow: z
    .array(text())
    .optional()
    .meta({
      description: 'The only entries that are taken over',
      examples: [['engineering', 'sales']],
    }),
  prefix: text()
    .optional()
    .meta({ description: 'Put before every entry', examples: ['corp:'] }),
});

/** `null` says: do not read this header, although the preset would. */
const optional = <Schema extends z.ZodType>(make: () => Schema, description: string) =>
  later(make)
    .nullish()
    .meta({ description: `${description}; null: never read` });

const email = () =>
  section({
    ...displayField('X-Authenticated-Email'),
    verified: z
      .union([z.boolean(), section({ header: headerName() })], {
        error: 'has to be true, false or { header: NAME }',
      })
      .optional()
      .meta({
        description: 'The email_verified claim: true, false, or { header: NAME }; left out: none',
      }),
  });

/** They have an entry of their own. */
export const OWN_CLAIMS = ['email', 'email_verified', 'preferred_username', 'name', 'groups'];

const claimName = () =>
  textWith((claim) => {
    if (claim === '') return 'is empty; name the claim';
    if (OWN_CLAIMS.includes(claim)) return 'has an entry of its own under headers; use that';
    return RESERVED_CLAIMS.has(claim)
      ? 'is a claim that only Asteroid may set; use another name'
      : undefined;
  });

const claim = () =>
  section({
    ...displayField('X-Authenticated-Department'),
    name: headerName().meta({ description: 'The header that carries it' }),
    type: z
      .enum(['string', 'int', 'bool', 'json'])
      .default('string')
      .meta({ description: 'What the text becomes' }),
  });

const extra = () =>
  z
    .record(
      claimName(),
      later(() => claim().meta({ description: 'One claim' })),
    )
    .default({})
    .meta({
      description: 'Further claims: claim name → header',
      examples: [{ department: { name: 'X-Authenticated-Department' } }],
    });

const ATTRIBUTES = {
  subject: later(() => section(field('X-Authenticated-User')))
    .optional()
    .meta({ description: 'Who the End-User is; always required' }),
  email: optional(email, 'E-mail address'),
  preferred_username: optional(
    () => section(displayField('X-Authenticated-Username')),
    'Name the End-User signs in with',
  ),
  name: optional(() => section(displayField('X-Authenticated-Name')), 'Display name'),
  groups: optional(() => section(listField('X-Authenticated-Groups')), 'Groups'),
  auth_time: optional(
    () => section(field('X-Authenticated-Time')),
    'When the proxy authenticated the End-User, in seconds since 1970',
  ),
  acr: optional(() => section(field('X-Authenticated-Acr')), 'Authentication context class'),
  amr: optional(() => section(listField('X-Authenticated-Amr')), 'Authentication methods'),
  sid: optional(() => section(field('X-Authenticated-Session')), 'Session id of the proxy'),
};

/** Names under which `required` may list an attribute, besides the claims of `extra`. */
export const ATTRIBUTE_NAMES: readonly string[] = Object.keys(ATTRIBUTES);

const PLACEHOLDERS = ['(null)', '-', 'null', 'none', 'undefined', 'anonymous', 'unknown'];

export const headers = () =>
  section({
    ...ATTRIBUTES,
    extra: extra(),
    required: z
      .array(text())
      .default(['subject'])
      .meta({ description: 'Attributes without which a request is refused' }),
    reject_values: z
      .array(text())
      .default(PLACEHOLDERS)
      .meta({ description: 'Values by which proxies say "nobody"; never an identity' }),
    aliases: z.enum(['reject', 'ignore']).default('reject').meta({
      description:
        'Headers that only resemble a configured one, as X_Remote_User: refuse the request, or ignore them',
    }),
  });
