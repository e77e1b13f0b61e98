// Where `asteroid dev` listens, and what people and containers call it.

export type DevAddress = {
  readonly host: string;
  readonly port: string;
  /** What containers call this machine, where they are to reach it. */
  readonly containerHost?: string;
};

const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** What to listen on; the name is resolved here, since it may have two addresses. */
export const toListenHost = (host: string): string => (host === 'localhost' ? '127.0.0.1' : host);

/** What browsers on this machine call it: nobody can open "every address". */
export function toIssuer({ host, port }: DevAddress): string {
  const name = EVERY_ADDRESS.has(host) ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/**
 * The settings that let containers in by their name of this machine, and by no other: the issuer stays the
 * one that browsers see, and the endpoints that programs call are named as containers call them.
 */
export const toContainerSettings = ({
  containerHost,
  port,
}: DevAddress): { readonly ASTEROID_ENDPOINTS_BACKCHANNEL_BASE?: string } =>
  containerHost === undefined
    ? {}
    : { ASTEROID_ENDPOINTS_BACKCHANNEL_BASE: `http://${containerHost}:${port}` };

/** What is to be done about a port that another program has; undefined for any other failure. */
export function explainTaken(
  error: unknown,
  { port, adminPort }: { readonly port: string; readonly adminPort: string },
): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) return undefined;
  const taken = 'port' in cause ? String(cause.port) : port;
  const option = taken === adminPort && taken !== port ? '--admin-port' : '--port';
  return `port ${taken} is taken by another program: choose another with ${option}, or any free one with ${option} 0`;
}
