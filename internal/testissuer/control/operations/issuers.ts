// Issuers of their own for tests that run side by side.

import type { Managed } from '../issuers.ts';
import { operation } from '../operation.ts';
import * as shapes from '../shapes/issuers.ts';

const tell = ({ id, issuer }: Managed) => ({ id, issuer: issuer.url });

export const ISSUERS = [
  operation({
    id: 'openIssuer',
    method: 'POST',
    path: '/issuers',
    says: 'make an isolated issuer: own store, clock, keys, faults, users and clients',
    body: shapes.openIssuer,
    status: 201,
    answer: shapes.issuer,
    run: async ({ issuers, body }) => tell(await issuers.open(body)),
  }),
  operation({
    id: 'listIssuers',
    method: 'GET',
    path: '/issuers',
    says: 'list the issuers that are there, the root first',
    answer: shapes.issuers,
    run: ({ issuers }) => ({ issuers: issuers.list().map(tell) }),
  }),
  operation({
    id: 'readIssuer',
    method: 'GET',
    path: '/issuers/{issuer_id}',
    says: 'tell the identifier of an issuer',
    answer: shapes.issuer,
    run: ({ issuers, names }) => tell(issuers.find(names.issuer_id)),
  }),
  operation({
    id: 'closeIssuer',
    method: 'DELETE',
    path: '/issuers/{issuer_id}',
    says: 'end an isolated issuer and forget everything of it',
    run: ({ issuers, names }) => issuers.close(names.issuer_id),
  }),
];
