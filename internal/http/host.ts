// Under which names the issuer may be called. The answer never changes with the name; a page that is
// reached under a foreign one belongs to whoever pointed that name here (DNS rebinding).

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['https:', ':443'],
  ['http:', ':80'],
]);

/** Every Host that is ours. @param allowedHosts further ones, each with its port if it has one. */
export const ownHosts = (
  urls: readonly string[],
  allowedHosts: readonly string[],
): ReadonlySet<string> =>
  new Set([...urls.flatMap(spellHost), ...allowedHosts.map((name) => name.toLowerCase())]);

/** A default port may be written or left out (RFC 9110 §4.2.3). */
function spellHost(url: string): readonly string[] {
  const { host, port, protocol } = new URL(url);
  return port === '' ? [host, host + (DEFAULT_PORTS.get(protocol) ?? '')] : [host];
}

/** The origins of pages that are ours. */
export const ownOrigins = (
  urls: readonly string[],
  allowedHosts: readonly string[],
): ReadonlySet<string> =>
  new Set(
    urls.flatMap((url) => {
      const { origin, protocol } = new URL(url);
      return [origin, ...allowedHosts.map((name) => `${protocol}//${name.toLowerCase()}`)];
    }),
  );

/** Host names know no case (RFC 9110 §4.2.3). */
export const isOwnHost = (host: string, own: ReadonlySet<string>): boolean =>
  own.has(host) || own.has(host.toLowerCase());
