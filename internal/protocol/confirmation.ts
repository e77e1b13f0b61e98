/** The key that a token is of use with, and without which it is of none (RFC 7800 §3.1). */
export type Confirmation =
  /** Thumbprint of the key of a DPoP proof (RFC 9449 §6.1). */
  | { readonly jkt: string }
  /** Thumbprint of a client certificate (RFC 8705 §3.1). */
  | { readonly 'x5t#S256': string };

/** As the token response names it (RFC 6749 §7.1). */
export const tokenTypeOf = (confirmation: Confirmation | undefined): 'Bearer' | 'DPoP' =>
  confirmation !== undefined && 'jkt' in confirmation ? 'DPoP' : 'Bearer';

/** Undefined for a `cnf` that this version does not write: a token that lost its binding is no token. */
export function readConfirmation(cnf: unknown): Confirmation | undefined {
  if (typeof cnf === 'object' && cnf !== null) {
    if ('jkt' in cnf && typeof cnf.jkt === 'string') return { jkt: cnf.jkt };
    if ('x5t#S256' in cnf && typeof cnf['x5t#S256'] === 'string') {
      return { 'x5t#S256': cnf['x5t#S256'] };
    }
  }
  return undefined;
}

/** One text for one key, for what is compared rather than read. */
export const printConfirmation = (confirmation: Confirmation): string =>
  'jkt' in confirmation ? `jkt ${confirmation.jkt}` : `x5t#S256 ${confirmation['x5t#S256']}`;
