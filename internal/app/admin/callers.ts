// Who may ask, by the configuration of the moment: tokens of the operator's, certificates, and access
// tokens of our own. Every hash is compared, in constant time, whatever was sent.

import type { Caller, Recognise, Recognition } from '../../admin/caller.ts';
import type { Config } from '../../config/config.ts';
import { parseSecretHash } from '../../config/secret-hash.ts';
import { parseMoment } from '../../config/sections/admin.ts';
import { matchesSecret } from '../../oidc/clientauth/secrets.ts';
import type { Deps } from '../../oidc/deps.ts';
import { type LiveAccessToken, readAccessToken } from '../../oidc/token/access-token.ts';
import { judgeStanding } from '../../oidc/token/standing.ts';

type Admin = NonNullable<Config['admin']>;

const ABSENT: Recognition = { kind: 'absent' };
const refused = (why: { readonly reason: string }): Recognition => ({ kind: 'refused', ...why });
const known = (name: string, role: Caller['role']): Recognition => ({
  kind: 'known',
  caller: { name, role },
});

/** A token counts before a certificate: whoever sends one means it. */
export const createRecognise =
  (admin: () => Admin | undefined, deps: () => Deps): Recognise =>
  async ({ token, certificate }) => {
    const terms = admin();
    if (terms === undefined) return ABSENT;
    if (token !== undefined) return recogniseToken(token, terms, deps());
    if (certificate !== undefined) return recogniseCertificate(certificate, terms);
    return ABSENT;
  };

async function recogniseToken(text: string, terms: Admin, deps: Deps): Promise<Recognition> {
  const found = await findToken(text, terms);
  if (found !== undefined) return judgeToken(found, deps);
  const { access_tokens: issued } = terms;
  // A JWT has two dots, which no token of ours for operators has.
  if (issued === undefined || text.split('.').length !== 3)
    return refused({ reason: 'admin_token_wrong' });
  const token = await readAccessToken(text, deps);
  return token === undefined
    ? refused({ reason: 'admin_token_wrong' })
    : judgeAccessToken(token, issued, deps);
}

type ConfiguredToken = Admin['tokens'][number];

/** The configured one that this is; every hash is compared. */
export async function findToken(
  text: string,
  { tokens }: Pick<Admin, 'tokens'>,
): Promise<ConfiguredToken | undefined> {
  let found: ConfiguredToken | undefined;
  for (const one of tokens) {
    const hash = parseSecretHash(one.hash);
    if (typeof hash !== 'string' && (await matchesSecret([hash], text))) found = one;
  }
  return found;
}

/** What it may at this moment. */
export function judgeToken(
  { name, role, expires: until }: ConfiguredToken,
  { now }: Pick<Deps, 'now'>,
): Recognition {
  const expires = until === undefined ? undefined : parseMoment(until);
  return expires !== undefined && expires <= now()
    ? refused({ reason: 'admin_token_expired' })
    : known(`token:${name}`, role);
}

/** What one that is live may at this moment. */
export async function judgeAccessToken(
  token: LiveAccessToken,
  terms: NonNullable<Admin['access_tokens']>,
  deps: Deps,
): Promise<Recognition> {
  // A token for another resource must not work here (RFC 9068 §4).
  if (!token.audience.includes(terms.audience)) return refused({ reason: 'admin_token_audience' });
  if (!terms.clients.includes(token.clientId)) return refused({ reason: 'admin_token_client' });
  // Bound to a key that nobody proves here: it would be a bearer token again (RFC 9449 §7.2).
  if (token.confirmation !== undefined) return refused({ reason: 'admin_token_bound' });
  if ((await judgeStanding(token, deps)).kind !== 'stands')
    return refused({ reason: 'admin_token_ended' });
  const has = (scope: string | undefined) => scope !== undefined && token.scope.includes(scope);
  const name = `access_token:${token.clientId}:${token.subject}`;
  if (has(terms.write_scope)) return known(name, 'write');
  return has(terms.read_scope) ? known(name, 'read') : refused({ reason: 'admin_token_scope' });
}

function recogniseCertificate(
  { sans }: { readonly sans: readonly string[] },
  { certificates }: Admin,
): Recognition {
  if (certificates === undefined) return ABSENT;
  const named = certificates.names.filter(({ dns_san, uri_san }) =>
    sans.includes(dns_san === undefined ? `uri:${uri_san}` : `dns:${dns_san}`),
  );
  const [first] = named;
  if (first === undefined) return refused({ reason: 'admin_certificate_unknown' });
  // One that carries several names has what the least of them may.
  const role = named.every((one) => one.role === 'write') ? 'write' : 'read';
  return known(`certificate:${first.name}`, role);
}
