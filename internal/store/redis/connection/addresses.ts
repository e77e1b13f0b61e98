// Where a server is, as operators write it and as Redis says it: HOST:PORT, and an IPv6 address in brackets
// or, in what Redis says, without them.

export type Address = { readonly host: string; readonly port: number };

/** @throws an Error, where the configuration has let through what is no address. */
export function parseAddress(text: string, defaultPort: number): Address {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new Error('the address of a Redis node has to be HOST:PORT');
  return { host, port: Number(match?.[3] ?? defaultPort) };
}

/** The last colon divides: that is how Redis writes IPv6 addresses too. No host means the one that said it. */
export function readAddress(text: string, saidBy: string): Address | undefined {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (colon === -1 || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return { host: toHost(text.slice(0, colon), saidBy), port };
}

/** A node that does not know its own name says nothing, or a question mark. */
export const toHost = (said: unknown, saidBy: string): string =>
  typeof said === 'string' && said !== '' && said !== '?' ? said.replace(/^\[|\]$/g, '') : saidBy;

export const printAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
