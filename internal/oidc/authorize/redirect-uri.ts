// Where an authorization response may go. Strings are compared, never URL objects: those fold case,
// drop default ports, resolve `..` and turn `\` into `/`, and each of that was an open redirect once.

import type { Client } from '../../protocol/client.ts';

export type ProvenRedirectUri = {
  /** Exactly as it will be written to `Location`. */
  readonly redirectUri: string;
  readonly redirectUriSent: boolean;
};

/** Undefined: show a page, and send the browser nowhere (RFC 6749 §3.1.2.4). */
export function proveRedirectUri(
  client: Client,
  sent: string | undefined,
): ProvenRedirectUri | undefined {
  if (sent === undefined) {
    const [only, ...others] = client.redirectUris;
    if (only === undefined || others.length > 0 || client.requireRedirectUri) return undefined;
    return { redirectUri: only, redirectUriSent: false };
  }
  const matches = client.redirectUris.some(
    (registered) =>
      registered === sent ||
      (client.applicationType === 'native' && differsInPortOnly(registered, sent)),
  );
  return matches ? { redirectUri: sent, redirectUriSent: true } : undefined;
}

// RFC 8252 §7.3: a native app listens on whatever loopback port it was given. `localhost` is left
// out on purpose (§8.3): it may resolve to something else.
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?(\/[!-~]*)?$/;

function differsInPortOnly(registered: string, sent: string): boolean {
  const [, host, , rest] = LOOPBACK.exec(registered) ?? [];
  const [, sentHost, sentPort, sentRest] = LOOPBACK.exec(sent) ?? [];
  if (host === undefined || sentHost === undefined) return false;
  return host === sentHost && rest === sentRest && Number(sentPort ?? 80) <= 65535;
}
