import type { ClientTerms } from '../../internal/config/checks/client.ts';
import { CLIENT_AUTH_METHODS } from '../../internal/oidc/clientauth/table.ts';
import { GRANTS } from '../../internal/oidc/grants/table.ts';
import { STANDARD_SCOPES } from '../../internal/protocol/scope-table.ts';

/** What clients.yaml is read by, where every grant and method is known and nothing else is configured. */
export const clientTerms = (different: Partial<ClientTerms> = {}): ClientTerms => ({
  grantTypes: new Set(GRANTS.map(({ grantType }) => grantType)),
  authMethods: new Set(CLIENT_AUTH_METHODS.map(({ name }) => name)),
  pairwise: false,
  certificates: 'none',
  tokenIssuers: new Set(),
  scopes: STANDARD_SCOPES,
  issuer: { profile: undefined, authorizationCode: 300 },
  detailsTypes: new Set(),
  ...different,
});
