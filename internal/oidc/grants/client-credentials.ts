import { toSubject } from '../../protocol/ids.ts';
import { readAuthorizationDetails } from '../details/authorization-details.ts';
import { readResources } from '../resource.ts';
import { clientScope } from '../scopes.ts';
import type { Grant } from './grant.ts';

/** client_credentials (RFC 6749 §4.4): a client acts for itself, and nobody signs in. */
export const clientCredentials: Grant = {
  grantType: 'client_credentials',
  allowsPublicClients: false,

  authorize: async ({ params, client }, { policy }) => ({
    authorizationId: undefined,
    subject: toSubject(client.clientId),
    scope: clientScope(params, client, policy().scopes),
    resource: readResources(params, client),
    authorizationDetails: readAuthorizationDetails(params, client, policy()),
    endUser: undefined,
    refreshToken: undefined,
  }),
};
