/** The key that a token is of use with, and without which it is of none (RFC 7800 §3.1). */
export type Confirmation =
  /** Thumbprint of the key of a DPoP proof (RFC 9449 §6.1). */
  | { readonly jkt: string }
  /** Thumbprint of a client certificate (RFC 8705 §3.1). */
  | { readonly 'x5t#S256': string };

/** Undefined for what is bound to something else, or to nothing. */
export const jktOf = (confirmation: Confirmation | undefined): string | undefined =>
  confirmation !== undefined && 'jkt' in confirmation ? confirmation.jkt : undefined;

/** As the token response names it (RFC 6749 §7.1). */
export const tokenTypeOf = (confirmation: Confirmation | undefined): 'Bearer' | 'DPoP' =>
  jktOf(confirmation) === undefined ? 'Bearer' : 'DPoP';

/**
 * Undefined for a `cnf` that this version does not write, or that names more than one thing: a token
 * that lost a part of its binding is no token.
 */
export function readConfirmation(cnf: unknown): Confirmation | undefined {
  if (typeof cnf !== 'object' || cnf === null || Object.keys(cnf).length !== 1) return undefined;
  if ('jkt' in cnf && typeof cnf.jkt === 'string') return { jkt: cnf.jkt };
  return 'x5t#S256' in cnf && typeof cnf['x5t#S256'] === 'string'
    ? { 'x5t#S256': cnf['x5t#S256'] }
    : undefined;
}

/** One text for one key, for what is compared rather than read. */
export const printConfirmation = (confirmation: Confirmation): string =>
  'jkt' in confirmation ? `jkt ${confirmation.jkt}` : `x5t#S256 ${confirmation['x5t#S256']}`;

export const isSameKey = (left: Confirmation, right: Confirmation): boolean =>
  printConfirmation(left) === printConfirmation(right);
