// Authorizations, sessions and End-Users as JSON. No shape has a hash, a code or a token.

import * as z from 'zod';
import { metadata, moment, words } from '../openapi/shapes.ts';
import { named, page } from './shape.ts';

/** What is kept about where a walk is can be long. */
const MOST_OF_A_CURSOR = 8192;

const whose = () => ({
  subject: words()
    .max(255, 'is too long')
    .exactOptional()
    .meta({ description: 'Of this End-User' }),
  client_id: words()
    .max(255, 'is too long')
    .exactOptional()
    .meta({ description: 'Of this client' }),
});

const flag = (description: string) =>
  z
    .enum(['true', 'false'], { error: 'has to be true or false' })
    .exactOptional()
    .meta({ description });

export const listed = z.strictObject({
  ...whose(),
  ...page(),
  after: z.string().min(1, 'is empty').max(MOST_OF_A_CURSOR, 'is too long').exactOptional().meta({
    description: '`next` of the answer before this one',
  }),
});

export const endedBy = z.strictObject({
  ...whose(),
  thorough: flag(
    'true: look at everything there is, not just at what the index of the End-User has',
  ),
});

export const ofSubject = z.strictObject({
  subject: words().max(255, 'is too long').meta({ description: 'The End-User whose they are' }),
});

export const forgotten = z.strictObject({
  subject: words()
    .max(255, 'is too long')
    .exactOptional()
    .meta({ description: 'Of this End-User alone' }),
});

export const authorization = named(
  'Authorization',
  z.strictObject({
    id: words().meta({ description: 'As `authorization_id` in tokens and events' }),
    client_id: words(),
    subject: words().meta({ description: 'The End-User, as the proxy names them' }),
    scope: z.array(words()),
    offline: z.boolean().meta({ description: 'Meant to outlive its session' }),
    granted_at: moment(),
    used_at: moment().exactOptional().meta({
      description: 'When its code was redeemed or a refresh token of it was used last',
    }),
    expires_at: moment().meta({ description: 'When the last thing under it ends' }),
    sid: words().exactOptional().meta({ description: 'Its session' }),
    redirect_uri: words().exactOptional().meta({
      description: 'Where its code was sent; absent where a device polled for it',
    }),
  }),
);

export const session = named(
  'Session',
  z.strictObject({
    sid: words(),
    subject: words(),
    client_ids: z.array(words()).meta({ description: 'Clients that hold something in it' }),
    authorizations: z.int().min(1),
    offline: z.int().min(0).meta({ description: 'How many of them are meant to outlive it' }),
    since: moment().meta({ description: 'The first grant that still stands' }),
    used_at: moment().exactOptional(),
    expires_at: moment(),
  }),
);

export const endedAuthorizations = named(
  'EndedAuthorizations',
  z.strictObject({
    authorizations: z.int().min(0),
    consents: z.int().min(0).meta({ description: 'What was agreed to and is asked again' }),
  }),
);

export const endedSessions = named('EndedSessions', z.strictObject({ sessions: z.int().min(0) }));

const stored = named(
  'StoredUser',
  z.strictObject({
    sub: words(),
    claims: metadata(),
    disabled: z.boolean(),
    created_at: moment(),
    changed_at: moment(),
  }),
);

export { stored };

/** Each has a row in docs/userinfo.md. */
const PROBLEMS = [
  ...(['unreachable', 'timeout', 'tls', 'credentials', 'refused', 'malformed'] as const),
  ...(['ambiguous', 'too_large', 'overloaded', 'unreadable', 'failed'] as const),
] as const;

const backend = named(
  'BackendAnswer',
  z.strictObject({
    type: words(),
    outcome: z.enum(['known', 'unknown', 'disabled', 'failed']),
    proves_existence: z.boolean(),
    claims: metadata().exactOptional().meta({ description: 'What this backend gives' }),
    cached: z
      .strictObject({
        age: z.int().meta({ description: 'Seconds since it was asked' }),
        fresh: z.boolean().meta({ description: 'Answered without asking' }),
        known: z.boolean(),
      })
      .exactOptional()
      .meta({ description: 'What the process that answers remembered' }),
    problem: z.enum(PROBLEMS).exactOptional().meta({
      description: 'Why it failed; the log has more',
    }),
  }),
);

export const user = named(
  'User',
  z.strictObject({
    sub: words(),
    exists: z.boolean().exactOptional().meta({
      description: 'Whether they are let in; absent where a backend failed',
    }),
    claims: metadata().exactOptional().meta({ description: 'Of all backends together' }),
    backends: z.array(backend).meta({ description: 'In the order in which they are asked' }),
    stored: stored.exactOptional(),
  }),
);

export const newUser = named(
  'NewUser',
  z.strictObject({
    claims: metadata().meta({ description: 'As an entry of users.yaml, without sub' }),
    disabled: z.boolean().exactOptional().meta({ description: 'Gets nothing; false unless said' }),
  }),
);

/** Each is read as an entry of users.yaml. */
const MOST_IMPORTED = 10_000;

export const imported = named(
  'UsersFile',
  z.strictObject({
    users: z.array(metadata()).max(MOST_IMPORTED, 'are too many; send several parts').meta({
      description: 'As in users.yaml, with sub',
    }),
  }),
);

export const importedTally = named(
  'ImportedUsers',
  z.strictObject({
    created: z.int().min(0),
    changed: z.int().min(0),
    unchanged: z.int().min(0),
  }),
);

export const forgottenTally = named(
  'Forgotten',
  z.strictObject({
    answers: z.int().min(0).meta({ description: 'Remembered answers that were forgotten' }),
    silent_workers: z.int().min(0).meta({ description: 'Processes that did not say so in time' }),
  }),
);
