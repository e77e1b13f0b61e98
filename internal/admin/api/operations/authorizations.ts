// What End-Users granted to clients, and an end to it.

import * as z from 'zod';
import { present } from '../../../protocol/present.ts';
import { AdminRefusal } from '../../refusal.ts';
import { operation } from '../operation.ts';
import type { AuthorizationFacts } from '../ports/authorizations.ts';
import * as shapes from '../shapes/people.ts';
import { named, next } from '../shapes/shape.ts';

const notStanding = () =>
  new AdminRefusal('not_found', 'no authorization of this id stands; it may have ended or expired');

/** For a cursor that is none, or of a Redis that is another one by now. */
export const lostCursor = () =>
  new AdminRefusal('invalid_request', 'after: leads nowhere any more; begin without it');

export const AUTHORIZATIONS = [
  operation({
    id: 'listAuthorizations',
    method: 'GET',
    path: '/authorizations',
    role: 'read',
    says: 'list what was granted and stands: of an End-User, of a client, or all',
    query: shapes.listed,
    answer: named(
      'AuthorizationList',
      z.strictObject({ authorizations: z.array(shapes.authorization), next: next() }),
    ),
    run: async ({ query: { subject, client_id: clientId, ...part } }, { authorizations }) => {
      const found = await authorizations.list(
        { subject, clientId },
        { after: part.after, limit: part.limit },
      );
      if (found === undefined) throw lostCursor();
      const listed = found.items.map(toJson);
      return { body: { authorizations: listed, ...present({ next: found.next }) } };
    },
  }),
  operation({
    id: 'readAuthorization',
    method: 'GET',
    path: '/authorizations/{authorization_id}',
    role: 'read',
    says: 'tell one authorization',
    answer: shapes.authorization,
    errors: ['not_found'],
    run: async ({ names }, { authorizations }) => {
      const found = await authorizations.find(names.authorization_id);
      if (found === undefined) throw notStanding();
      return { body: toJson(found) };
    },
  }),
  operation({
    id: 'endAuthorization',
    method: 'DELETE',
    path: '/authorizations/{authorization_id}',
    role: 'write',
    says: 'end one authorization and everything issued under it',
    errors: ['not_found'],
    run: async ({ names, caller, requestId }, { authorizations }) => {
      const order = { actor: caller.name, requestId };
      const ended = await authorizations.end(names.authorization_id, order);
      if (ended === undefined) throw notStanding();
      return { body: undefined };
    },
  }),
  operation({
    id: 'endAuthorizations',
    method: 'DELETE',
    path: '/authorizations',
    role: 'write',
    says: 'end everything of an End-User, of a client, or of an End-User at a client',
    query: shapes.endedBy,
    answer: shapes.endedAuthorizations,
    run: async ({ query, caller, requestId }, { authorizations }) => {
      const { subject, client_id: clientId, thorough } = query;
      if (subject === undefined && clientId === undefined) {
        throw new AdminRefusal('invalid_request', 'say whose: subject, client_id, or both');
      }
      const order = { actor: caller.name, requestId };
      const isThorough = thorough === 'true';
      return {
        body: { ...(await authorizations.endAll({ subject, clientId, isThorough }, order)) },
      };
    },
  }),
];

const toJson = (facts: AuthorizationFacts) => ({
  id: facts.id,
  client_id: facts.clientId,
  subject: facts.subject,
  scope: facts.scope,
  offline: facts.isOffline,
  granted_at: facts.grantedAt,
  expires_at: facts.expiresAt,
  ...present({ used_at: facts.usedAt, sid: facts.sid, redirect_uri: facts.redirectUri }),
});
