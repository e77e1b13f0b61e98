// Sessions of End-Users at this issuer, and an end to them, as by a sign-out.

import * as z from 'zod';
import { present } from '../../../protocol/present.ts';
import { operation } from '../operation.ts';
import type { SessionFacts } from '../ports/authorizations.ts';
import * as shapes from '../shapes/people.ts';
import { named, next } from '../shapes/shape.ts';
import { lostCursor } from './authorizations.ts';

export const SESSIONS = [
  operation({
    id: 'listSessions',
    method: 'GET',
    path: '/sessions',
    role: 'read',
    says: 'list sessions in which something stands: of an End-User, of a client, or all',
    query: shapes.listed,
    answer: named(
      'SessionList',
      z.strictObject({ sessions: z.array(shapes.session), next: next() }),
    ),
    run: async ({ query: { subject, client_id: clientId, ...part } }, { sessions }) => {
      const found = await sessions.list(
        { subject, clientId },
        { after: part.after, limit: part.limit },
      );
      if (found === undefined) throw lostCursor();
      return { body: { sessions: found.items.map(toJson), ...present({ next: found.next }) } };
    },
  }),
  operation({
    id: 'endSession',
    method: 'DELETE',
    path: '/sessions/{sid}',
    role: 'write',
    says: 'end one session of an End-User: its clients are told, and nothing is granted in it any more',
    query: shapes.ofSubject,
    run: async ({ names: { sid }, query: { subject }, caller, requestId }, { sessions }) => {
      await sessions.end({ sid, subject }, { actor: caller.name, requestId });
      return { body: undefined };
    },
  }),
  operation({
    id: 'endSessions',
    method: 'DELETE',
    path: '/sessions',
    role: 'write',
    says: 'end all sessions of an End-User',
    query: shapes.ofSubject,
    answer: shapes.endedSessions,
    run: async ({ query: { subject }, caller, requestId }, { sessions }) => ({
      body: { sessions: await sessions.endAll(subject, { actor: caller.name, requestId }) },
    }),
  }),
];

const toJson = (facts: SessionFacts) => ({
  sid: facts.sid,
  subject: facts.subject,
  client_ids: facts.clientIds,
  authorizations: facts.authorizations,
  offline: facts.offline,
  since: facts.since,
  expires_at: facts.expiresAt,
  ...present({ used_at: facts.usedAt }),
});
