// What never leaves this machine.

/** `localhost`, 127.0.0.0/8 and ::1, the latter also in brackets as URLs have it. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);

/** Names that are nobody's on the internet (RFC 6761 §6.2, §6.3). */
export const isNobodysHost = (host: string): boolean => /\.(?:localhost|test)$/.test(host);

/**
 * Addresses, names of one label as containers have them, and names that only a local network gives a
 * meaning to (RFC 6762 §3, ICANN on `.internal`).
 */
export const isPrivateHost = (host: string): boolean =>
  host.startsWith('[') || !/\.[^.]*[a-z][^.]*$/.test(host) || /\.(?:local|internal)$/.test(host);
