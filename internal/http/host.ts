// Under which names the issuer may be called. The answer never changes with the name; a page that is
// reached under a foreign one belongs to whoever pointed that name here (DNS rebinding).

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['https:', ':443'],
  ['http:', ':80'],
]);

/** Every Host that is ours. @param allowedHosts further ones, each with its port if it has one. */
export function ownHosts(issuerUrl: string, allowedHosts: readonly string[]): ReadonlySet<string> {
  const { host, port, protocol } = new URL(issuerUrl);
  const spelled = port === '' ? [host, host + (DEFAULT_PORTS.get(protocol) ?? '')] : [host];
  return new Set([...spelled, ...allowedHosts.map((name) => name.toLowerCase())]);
}

/** The origins of pages that are ours. */
export function ownOrigins(
  issuerUrl: string,
  allowedHosts: readonly string[],
): ReadonlySet<string> {
  const { origin, protocol } = new URL(issuerUrl);
  return new Set([origin, ...allowedHosts.map((name) => `${protocol}//${name.toLowerCase()}`)]);
}

/** Host names know no case (RFC 9110 §4.2.3). */
export const isOwnHost = (host: string, own: ReadonlySet<string>): boolean =>
  own.has(host) || own.has(host.toLowerCase());
