// The one way out. Node's own HTTP client follows no redirect and uses no proxy by itself, and lets the
// address be judged at the very moment it is connected to.

import { lookup as lookUp } from 'node:dns';
import {
  Agent as HttpAgent,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import {
  type Outbound,
  type OutboundAnswer,
  OutboundError,
  type OutboundRequest,
} from './outbound.ts';

type MayReach = (address: string) => boolean;

const forbidden = (): OutboundError =>
  new OutboundError('address_forbidden', 'leads to an address that may not be reached');

export type OutboundOptions = {
  /** Connections are used again; for a service of the operator's that is asked all the time. */
  readonly keepAlive?: boolean;
  /** Certificates in PEM that alone prove a server; asked for each request. */
  readonly ca?: () => string;
};

type Way = {
  readonly lookup: LookupFunction;
  readonly agents: Agents | undefined;
  readonly ca: (() => string) | undefined;
};
type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };

export type ClosableOutbound = Outbound & {
  /** Ends connections that wait to be used again; what is asked all the same has one of its own. */
  readonly close: () => void;
};

/** @param mayReach asked for each address about to be connected to. */
export function createOutbound(
  mayReach: MayReach,
  { keepAlive = false, ca }: OutboundOptions = {},
): ClosableOutbound {
  const way: Way = {
    lookup: createLookup(mayReach),
    agents: keepAlive ? createAgents() : undefined,
    ca,
  };
  const ask: Outbound = async (request) => {
    const url = readUrl(request.url);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // Node looks up names only: an address in the URL is connected to as it is.
    if (isIP(host) !== 0 && !mayReach(host)) throw forbidden();
    return exchangeAgain(url, request, way);
  };
  const close = (): void => {
    way.agents?.http.destroy();
    way.agents?.https.destroy();
  };
  return Object.assign(ask, { close });
}

/** Connections that are free wait for so long, and less where the server says so. */
const FREE = { keepAlive: true, maxFreeSockets: 16, timeout: 10_000 };

const createAgents = (): Agents => ({ http: new HttpAgent(FREE), https: new HttpsAgent(FREE) });

/** The other side may close a free connection in the very moment it is used again: not its answer. */
class StaleConnection extends Error {}

async function exchangeAgain(
  url: URL,
  request: OutboundRequest,
  way: Way,
): Promise<OutboundAnswer> {
  const started = performance.now();
  try {
    return await exchange(url, request, way);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    const timeout = request.timeout - (performance.now() - started) / 1000;
    return exchange(
      url,
      { ...request, timeout: Math.max(timeout, 0) },
      { ...way, agents: undefined },
    );
  }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new OutboundError('url_unusable', 'is not an http URL');
  }
  return url;
}

/** Looks a name up once; fails unless every address may be reached, since any may be tried. */
function createLookup(mayReach: MayReach): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      if (!addresses.every(({ address }) => mayReach(address))) return callback(forbidden(), []);
      const [first] = addresses;
      if (options.all === true || first === undefined) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function exchange(
  url: URL,
  { method = 'GET', headers = {}, body, timeout, maxBytes, signal }: OutboundRequest,
  { lookup, agents, ca }: Way,
): Promise<OutboundAnswer> {
  const isTls = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
      lookup,
      // Otherwise a connection of its own: nobody else's answer can be on it.
      agent: (isTls ? agents?.https : agents?.http) ?? false,
      ...(signal === undefined ? {} : { signal }),
      ...(ca === undefined ? {} : { ca: ca() }),
    };
    const request = (isTls ? requestHttps : requestHttp)(url, options);
    const late = () =>
      request.destroy(new OutboundError('timeout', `gave no whole answer in ${timeout} s`));
    const timer = setTimeout(late, timeout * 1000);
    request.once('close', () => clearTimeout(timer));
    request.once('error', (error) => {
      // Only what may be asked twice (RFC 9110 §9.2.2).
      const isStale = request.reusedSocket && method === 'GET' && !(error instanceof OutboundError);
      reject(isStale && signal?.aborted !== true ? new StaleConnection() : toFailure(error));
    });
    request.once('response', (response) => {
      readBody(response, maxBytes).then(
        (bytes) => resolve({ ...describe(response), body: bytes }),
        (error: Error) => {
          reject(toFailure(error));
          request.destroy();
        },
      );
    });
    request.end(body);
  });
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes: Uint8Array = chunk;
    size += bytes.byteLength;
    if (size > maxBytes) throw new OutboundError('too_large', `is longer than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

const describe = ({ statusCode = 0, headers }: IncomingMessage) => ({
  status: statusCode,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  ),
});

const toFailure = (error: Error): OutboundError =>
  error instanceof OutboundError
    ? error
    : new OutboundError('unreachable', 'could not be reached', error);
