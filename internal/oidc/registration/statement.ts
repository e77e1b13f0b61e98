// Software statements (RFC 7591 §2.3): what a publisher signed about a client outweighs what the client
// says of itself. One that nobody here trusts is refused and never ignored: whoever sent it means it
// to count.

import { invalidSoftwareStatement, unapprovedSoftwareStatement } from '../../protocol/errors.ts';
import { isTime, type Members, parseJwt } from '../../protocol/jwt.ts';
import type { Deps } from '../deps.ts';
import { readText } from './metadata.ts';
import type { Registration, StatementIssuer } from './registration.ts';

/** Seconds by which clocks may differ. */
const CLOCK_SKEW = 30;

export type Stated = {
  /** What was said, and instead of it whatever was stated. */
  readonly metadata: Members;
  /** Who stated it, byte for byte what was sent; undefined without a statement. */
  readonly statement: { readonly text: string; readonly issuer: string } | undefined;
};

/**
 * Throws where a statement is missing, wrong, or of somebody who is not asked.
 * @param before who stated something of this client when it was registered: it cannot shake that off.
 */
export async function applyStatement(
  said: Members,
  before: string | undefined,
  { statementIssuers }: Registration,
  deps: Pick<Deps, 'foreignKeys' | 'now'>,
): Promise<Stated> {
  const text = readText(said, 'software_statement');
  const demanded = statementIssuers.filter(({ issuer, required }) =>
    before === undefined ? required : issuer === before,
  );
  const isFree = before === undefined && demanded.length === 0;
  if (text === undefined) {
    if (isFree) return { metadata: said, statement: undefined };
    throw unapprovedSoftwareStatement({
      description: 'a software statement is needed here',
      reason: 'software_statement_missing',
    });
  }
  const jwt = parseJwt(text);
  if (jwt === undefined) throw invalidSoftwareStatement();
  const accepted = isFree ? statementIssuers : demanded;
  const trusted = accepted.find(({ issuer }) => issuer === jwt.claims['iss']);
  if (trusted === undefined) {
    throw unapprovedSoftwareStatement({ reason: 'software_statement_issuer' });
  }
  const claims = await deps.foreignKeys.verify(jwt, trusted.keys, trusted.algorithms);
  checkClaims(claims, trusted, deps.now());
  const metadata = Object.freeze(Object.assign(Object.create(null), said, claims));
  return { metadata, statement: { text, issuer: trusted.issuer } };
}

/** It may be good for ever: it is about a program, and no proof of who sends it. */
function checkClaims(
  claims: Members | undefined,
  { issuer }: StatementIssuer,
  now: number,
): asserts claims is Members {
  if (claims === undefined || claims['iss'] !== issuer) {
    throw invalidSoftwareStatement({ reason: 'software_statement_signature' });
  }
  const { exp, nbf } = claims;
  const isOver = exp !== undefined && !(isTime(exp) && now < exp + CLOCK_SKEW);
  const isEarly = nbf !== undefined && !(isTime(nbf) && nbf <= now + CLOCK_SKEW);
  if (isOver || isEarly) throw invalidSoftwareStatement({ reason: 'software_statement_expired' });
}
