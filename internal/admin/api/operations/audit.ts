// The audit trail: what was granted, refused and changed, newest first.

import { operation } from '../operation.ts';
import * as shapes from '../shapes/audit.ts';

const MS = 1000;

export const AUDIT = [
  operation({
    id: 'queryAudit',
    method: 'GET',
    path: '/audit',
    role: 'read',
    says: 'ask what is on record, newest first',
    query: shapes.auditQuery,
    answer: shapes.records,
    async run({ query }, { trail }) {
      const { limit, after, type, client_id, subject, request_id, from, until } = query;
      const { records, next } = await trail.query({
        limit,
        ...(after === undefined ? {} : { before: after }),
        ...(type === undefined ? {} : { type }),
        ...(client_id === undefined ? {} : { clientId: client_id }),
        ...(subject === undefined ? {} : { subject }),
        ...(request_id === undefined ? {} : { requestId: request_id }),
        ...(from === undefined ? {} : { from: from * MS }),
        ...(until === undefined ? {} : { until: until * MS + MS - 1 }),
      });
      const told = records.map(({ event, ...rest }) => ({ ...rest, event: toMembers(event) }));
      return { body: { records: told, ...(next === undefined ? {} : { next }) } };
    },
  }),
];

/** By the names of the log, without what is absent. */
const toMembers = (event: object): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(event)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value,
      ]),
  );
