// Who an issuer knows: clients and End-Users.

import { AdminRefusal } from '../../../admin/refusal.ts';
import type { Metadata, TestIssuer } from '../../api.ts';
import { operation } from '../operation.ts';
import * as shapes from '../shapes/issuers.ts';

/** The path says who it is about; a body that names somebody else is a mistake of one of the two. */
function withName(member: 'client_id' | 'sub', name: string, given: Metadata): Metadata {
  const said = given[member];
  if (said !== undefined && said !== name) {
    const description = `${member}: is another one than that of the path; leave it out`;
    throw new AdminRefusal('invalid_request', description);
  }
  return { ...given, [member]: name };
}

type Listed = Pick<TestIssuer['clients'], 'list' | 'remove'>;

/** @param kind of what is removed, as its path has it. */
async function removeFrom(listed: Listed, kind: 'clients' | 'users', name: string): Promise<void> {
  if (!(await listed.list()).includes(name)) {
    const description = `there is none of this name; GET ${kind} lists those here`;
    throw new AdminRefusal('not_found', description);
  }
  await listed.remove(name);
}

export const DIRECTORY = [
  operation({
    id: 'listClients',
    method: 'GET',
    path: '/issuers/{issuer_id}/clients',
    says: 'list the client_id of each client',
    answer: shapes.clients,
    run: async ({ issuers, names }) => ({
      clients: await issuers.find(names.issuer_id).issuer.clients.list(),
    }),
  }),
  operation({
    id: 'putClient',
    method: 'PUT',
    path: '/issuers/{issuer_id}/clients/{client_id}',
    says: 'register a client, in place of one of the same client_id',
    body: shapes.client,
    run: ({ issuers, names, body }) =>
      issuers
        .find(names.issuer_id)
        .issuer.clients.add(withName('client_id', names.client_id, body)),
  }),
  operation({
    id: 'removeClient',
    method: 'DELETE',
    path: '/issuers/{issuer_id}/clients/{client_id}',
    says: 'forget a client, and what it was given stops counting',
    run: ({ issuers, names }) =>
      removeFrom(issuers.find(names.issuer_id).issuer.clients, 'clients', names.client_id),
  }),
  operation({
    id: 'listUsers',
    method: 'GET',
    path: '/issuers/{issuer_id}/users',
    says: 'list the sub of each End-User',
    answer: shapes.users,
    run: async ({ issuers, names }) => ({
      users: await issuers.find(names.issuer_id).issuer.users.list(),
    }),
  }),
  operation({
    id: 'putUser',
    method: 'PUT',
    path: '/issuers/{issuer_id}/users/{sub}',
    says: 'make an End-User known, in place of one of the same sub',
    body: shapes.user,
    run: ({ issuers, names, body }) =>
      issuers.find(names.issuer_id).issuer.users.add(withName('sub', names.sub, body)),
  }),
  operation({
    id: 'removeUser',
    method: 'DELETE',
    path: '/issuers/{issuer_id}/users/{sub}',
    says: 'forget an End-User, for whom nothing is issued any more',
    run: ({ issuers, names }) =>
      removeFrom(issuers.find(names.issuer_id).issuer.users, 'users', names.sub),
  }),
];
