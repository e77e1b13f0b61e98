// Clients: those of clients.yaml to look at, those that are registered to change as well.

import { operation } from '../operation.ts';
import * as shapes from '../shapes/clients.ts';
import { pageQuery } from '../shapes/shape.ts';

const WRITES = ['not_found', 'conflict', 'precondition_failed'] as const;

export const CLIENTS = [
  operation({
    id: 'listClients',
    method: 'GET',
    path: '/clients',
    role: 'read',
    says: 'list clients: those of clients.yaml, then those that are registered',
    query: pageQuery,
    answer: shapes.clients,
    run: async ({ query: { after, limit } }, { clients }) => ({
      body: await clients.list(after, limit),
    }),
  }),
  operation({
    id: 'createClient',
    method: 'POST',
    path: '/clients',
    role: 'write',
    says: 'register a client; its secret is told once',
    body: shapes.terms,
    status: 201,
    answer: shapes.madeClient,
    errors: ['conflict'],
    async run({ body, caller: { name: actor }, requestId }, { clients, audit }) {
      const { client, secret, version } = await clients.create(body);
      audit({ type: 'client.registered', clientId: client.client_id, actor, requestId });
      return { body: { ...client, ...told(secret) }, version };
    },
  }),
  operation({
    id: 'readClient',
    method: 'GET',
    path: '/clients/{client_id}',
    role: 'read',
    says: 'tell one client, without its secrets',
    answer: shapes.client,
    errors: ['not_found'],
    async run({ names }, { clients }) {
      const { client, version } = await clients.find(names.client_id);
      return { body: client, version };
    },
  }),
  operation({
    id: 'changeClient',
    method: 'PUT',
    path: '/clients/{client_id}',
    role: 'write',
    says: 'say anew what a client is: what is left out has its default again',
    body: shapes.terms,
    answer: shapes.madeClient,
    errors: WRITES,
    async run({ names, body, ifMatch, caller: { name: actor }, requestId }, { clients, audit }) {
      const { client, secret, version } = await clients.change(names.client_id, body, ifMatch);
      audit({ type: 'client.changed', clientId: client.client_id, actor, requestId });
      return { body: { ...client, ...told(secret) }, version };
    },
  }),
  operation({
    id: 'deleteClient',
    method: 'DELETE',
    path: '/clients/{client_id}',
    role: 'write',
    says: 'forget a client, and end all that it was given; nothing of it counts from then on',
    errors: WRITES,
    async run({ names, ifMatch, caller: { name: actor }, requestId }, deps) {
      const { clients, authorizations, audit } = deps;
      const clientId = names.client_id;
      const endAll = await authorizations.prepareEnd(clientId);
      const isFirst = await clients.remove(clientId, ifMatch);
      if (isFirst) audit({ type: 'client.deleted', clientId, actor, requestId });
      // Of one that was gone before as well: the end of its authorizations may have failed then.
      await endAll({ actor, requestId });
      return { body: undefined };
    },
  }),
  operation({
    id: 'addClientSecret',
    method: 'POST',
    path: '/clients/{client_id}/secrets',
    role: 'write',
    says: 'add a second secret, told once; both count until one is retired',
    status: 201,
    answer: shapes.madeSecret,
    errors: WRITES,
    async run({ names, ifMatch, caller: { name: actor }, requestId }, { clients, audit }) {
      const clientId = names.client_id;
      const { secretId, secret, version } = await clients.addSecret(clientId, ifMatch);
      audit({ type: 'client.secret_added', clientId, secretId, actor, requestId });
      return { body: { secret_id: secretId, client_secret: secret }, version };
    },
  }),
  operation({
    id: 'retireClientSecret',
    method: 'DELETE',
    path: '/clients/{client_id}/secrets/{secret_id}',
    role: 'write',
    says: 'end the use of a secret at once, where another one counts',
    errors: WRITES,
    async run({ names, ifMatch, caller: { name: actor }, requestId }, { clients, audit }) {
      const { client_id: clientId, secret_id: secretId } = names;
      await clients.retireSecret(clientId, secretId, ifMatch);
      audit({ type: 'client.secret_retired', clientId, secretId, actor, requestId });
      return { body: undefined };
    },
  }),
];

const told = (secret: string | undefined) =>
  secret === undefined ? {} : { client_secret: secret };
