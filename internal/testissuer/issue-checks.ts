// What may be wrong with a wish for tokens, in words that say what to do about it.

import type { Deps } from '../oidc/deps.ts';
import { findEndUser } from '../oidc/end-user.ts';
import type { Policy } from '../oidc/policy.ts';
import { allowedScope } from '../oidc/scopes.ts';
import { RESERVED_CLAIMS } from '../protocol/claims.ts';
import { type Client, isPublic } from '../protocol/client.ts';
import { toSubject } from '../protocol/ids.ts';
import { DEVICE_CODE } from '../protocol/names.ts';
import { parseScope } from '../protocol/scope.ts';
import type { IssueRequest, Metadata } from './api.ts';
import { FAULT_NAMES } from './faults/table.ts';
import { checkMembers } from './members.ts';
import { Misuse } from './misuse.ts';

const MEMBERS = [
  'as',
  'client',
  'scope',
  'claims',
  'expiresIn',
  'resource',
] as const satisfies readonly (keyof IssueRequest)[];

/** Nothing is asked for by a name that nobody reads. */
export const checkRequest = (request: IssueRequest): void =>
  checkMembers('issue', request, MEMBERS);

/** Grants that end in tokens about an End-User who signed in. */
const SIGN_IN_GRANTS: readonly string[] = ['authorization_code', DEVICE_CODE];

/** The client, if what it is registered for ends in such tokens. */
export async function findIssuingClient(
  { as, client: id }: Pick<IssueRequest, 'as' | 'client'>,
  { findClient }: Pick<Deps, 'findClient'>,
): Promise<Client> {
  if (typeof id !== 'string')
    throw new Misuse('issue: client is missing; say whose tokens they are');
  const client = await findClient(id);
  if (client === undefined) {
    throw new Misuse(
      `issue: there is no client ${id}; add it by clients.add, or name one of those that clients.list answers`,
    );
  }
  const bound = findBinding(client);
  if (bound !== undefined) {
    throw new Misuse(
      `issue: ${id} has its tokens bound to a key (${bound}), which nobody proves here; let it ask the token endpoint`,
    );
  }
  if (as === undefined) checkActsForItself(client);
  else if (!client.grantTypes.some((grantType) => SIGN_IN_GRANTS.includes(grantType))) {
    throw new Misuse(
      `issue: ${id} is not registered for a grant by which End-Users sign in; leave out \`as\`, or add authorization_code to its grant_types`,
    );
  }
  return client;
}

function checkActsForItself(client: Client): void {
  const { clientId, grantTypes } = client;
  if (!grantTypes.includes('client_credentials')) {
    throw new Misuse(
      `issue: ${clientId} is not registered for client_credentials; say \`as\` whom, or add it to its grant_types`,
    );
  }
  if (isPublic(client)) {
    throw new Misuse(
      `issue: ${clientId} is a public client, and cannot act for itself; give it a secret, or say \`as\` whom`,
    );
  }
}

function findBinding(client: Client): string | undefined {
  if (client.dpopBoundAccessTokens) return 'dpop_bound_access_tokens';
  return client.certificateBoundAccessTokens
    ? 'tls_client_certificate_bound_access_tokens'
    : undefined;
}

/** Whoever could not sign in to this client gets nothing. */
export async function requireUser(sub: string, client: Client, deps: Deps): Promise<void> {
  const endUser = await findEndUser(toSubject(sub), {}, client, deps);
  if (endUser.kind === 'admitted') return;
  throw new Misuse(`issue: ${REFUSALS[endUser.reason](sub, client.clientId)}`);
}

const REFUSALS = {
  subject_unknown: (sub: string) =>
    `there is no user ${sub}; add it by users.add({ sub: '${sub}' })`,
  subject_not_allowed: (sub: string, client: string) =>
    `${sub} may not use ${client}: its \`allow\` names nothing that fits`,
  subject_is_a_client: (sub: string) =>
    `${sub} is the name of a client that acts for itself, and of no user`,
};

/** What was asked for, all of it; without a word, all that may be but offline_access. */
export function findScope(
  text: string | undefined,
  client: Client,
  { scopes }: Pick<Policy, 'scopes'>,
): readonly string[] {
  const allowed = allowedScope(client, scopes);
  if (text === undefined) return allowed.filter((name) => name !== 'offline_access');
  const wanted = parseScope(text);
  if (wanted === undefined) throw new Misuse('issue: scope has to be names separated by one blank');
  const strange = wanted.find((name) => !allowed.includes(name));
  if (wanted.includes('offline_access') && !client.grantTypes.includes('refresh_token')) {
    throw new Misuse(
      `issue: offline_access is of no use to ${client.clientId}; add refresh_token to its grant_types`,
    );
  }
  if (strange === undefined) return wanted;
  throw new Misuse(
    `issue: ${client.clientId} may not ask for the scope ${strange}; it may have ${allowed.join(' ')}`,
  );
}

/** What proves something is the issuer's to say, in a test as elsewhere. */
export function checkClaims(claims: Metadata): void {
  const reserved = Object.keys(claims).find((name) => RESERVED_CLAIMS.has(name));
  if (reserved === undefined) return;
  throw new Misuse(`issue: claims.${reserved} is the issuer's own to say; ${insteadOf(reserved)}`);
}

const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['sub', 'say whom by `as`'],
  ['client_id', 'say whose by `client`'],
  ['aud', 'say for whom by `resource`'],
  ['scope', 'say it by `scope`'],
  ['exp', 'say it by `expiresIn`'],
  ['iat', 'say it by clock.advance'],
  ['auth_time', 'say it by signIn, and let the client ask'],
]);

/** How else a token comes to say it, honestly or not. */
function insteadOf(claim: string): string {
  const isAbout = (name: string) => name.split('.')[1] === claim && /^(?:id|access)_/.test(name);
  const faults = FAULT_NAMES.filter(isAbout).map((name) => `'${name}'`);
  const ways = [
    ...[INSTEAD.get(claim) ?? []].flat(),
    ...(faults.length === 0 ? [] : [`let it be wrong by a fault: ${faults.join(', ')}`]),
  ];
  return ways.length === 0 ? 'leave it out' : ways.join(', or ');
}
