/** The one spelling of an IPv6 address (RFC 5952 §4); throws when it is none. */
export const canonicalIpv6 = (text: string): string =>
  new URL(`http://[${text}]`).hostname.slice(1, -1);
