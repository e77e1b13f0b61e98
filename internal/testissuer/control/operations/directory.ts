// Who an issuer knows: clients and End-Users.

import { ControlRefusal } from '../../../admin/control.ts';
import type { Metadata } from '../../api.ts';
import { operation } from '../operation.ts';
import * as shapes from '../shapes/issuers.ts';

/** The path says who it is about; a body that names somebody else is a mistake of one of the two. */
function withName(member: 'client_id' | 'sub', name: string, given: Metadata): Metadata {
  const said = given[member];
  if (said !== undefined && said !== name) {
    const description = `${member}: is another one than that of the path; leave it out`;
    throw new ControlRefusal('invalid_request', description);
  }
  return { ...given, [member]: name };
}

export const DIRECTORY = [
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
      issuers.find(names.issuer_id).issuer.clients.remove(names.client_id),
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
    run: ({ issuers, names }) => issuers.find(names.issuer_id).issuer.users.remove(names.sub),
  }),
];
