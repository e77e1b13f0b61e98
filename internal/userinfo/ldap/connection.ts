// One connection to one directory server, bound as the operator says. It never comes back by itself:
// the client would, without binding and without TLS, and an unbound search finds nobody.

import { connect as connectPlainly, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Client, type Entry } from 'ldapts';
import type { ReadSecret } from '../authorization.ts';
import type { Connection } from '../pool.ts';
import { readServerTls, type ServerTls } from '../server-tls.ts';
import { SourceError } from '../source-error.ts';
import { describeFailure } from './failure.ts';

/** Anonymous, with a password, or by the certificate shown in TLS (RFC 4513 §5). */
type Bind =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'simple'; readonly dn: string; readonly password: ReadSecret }
  | { readonly kind: 'external' };

export type Server = {
  readonly url: string;
  readonly startTls: boolean;
  readonly tls: ServerTls;
  readonly bind: Bind;
  /** Seconds that a server may take for one search. */
  readonly timeLimit: number;
};

type Search = {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: string;
  readonly attributes: readonly string[];
  /** Entries wanted; one more is asked for, so that whoever counts sees that there are more. */
  readonly most: number;
};

export type LdapConnection = Connection & {
  /** Rejects where the server has not told everything that was asked for. */
  search(search: Search): Promise<readonly Entry[]>;
};

const PAGE = 500;

export async function connect(server: Server, signal: AbortSignal): Promise<LdapConnection> {
  const { hostname, port, protocol } = new URL(server.url);
  const isTls = protocol === 'ldaps:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = { host, port: Number(port) || (isTls ? 636 : 389) };
  const tls = await readServerTls(server.tls, host);
  const hold = createHold(() => (isTls ? connectTls({ ...at, ...tls }) : connectPlainly(at)));
  const client = new Client({
    url: server.url,
    createConnection: hold.open,
    // Of the upgrade by StartTLS as well, which brings the socket that it has.
    ...(isTls
      ? { createSecureConnection: () => hold.open() as ReturnType<typeof connectTls> }
      : {}),
  });
  // Files may have taken all the time there was: an abort that is past is not heard any more.
  signal.throwIfAborted();
  signal.addEventListener('abort', hold.giveUp, { once: true });
  try {
    if (server.startTls) await client.startTLS({ ...tls });
    await bind(client, server.bind);
  } catch (error) {
    hold.close();
    throw describeFailure(error);
  } finally {
    signal.removeEventListener('abort', hold.giveUp);
  }
  return {
    isUsable: () => client.isConnected,
    close: hold.close,
    search: (search) =>
      searchAll(client, search, server.timeLimit).catch((error: unknown) => {
        throw describeFailure(error);
      }),
  };
}

/** A socket that can be had once, and not after its end. */
function createHold(make: () => Socket) {
  let socket: Socket | undefined;
  let isOver = false;
  const end = (problem?: Error): void => {
    isOver = true;
    socket?.destroy(problem);
  };
  return {
    open: (): Socket => {
      if (isOver || socket !== undefined)
        throw new Error('the connection to the directory is gone');
      socket = make();
      return socket;
    },
    close: () => end(),
    // With an error, because the client waits for ever for a socket that is closed before it is connected.
    giveUp: () => end(new SourceError('timeout', 'no answer in time')),
  };
}

async function bind(client: Client, terms: Bind): Promise<void> {
  if (terms.kind === 'external') return client.bind('EXTERNAL');
  if (terms.kind === 'anonymous') return client.bind('', '');
  const password = await terms.password();
  // A name without a password is a bind as nobody that servers answer with success (RFC 4513 §5.1.2).
  if (password === '')
    throw new SourceError('credentials', 'the password of the directory is empty');
  return client.bind(terms.dn, password);
}

// By pages, because the client hides that a server has cut an answer short where it was given a limit:
// a group that is missing looks like an End-User who was taken out of it.
async function searchAll(
  client: Client,
  { base, scope, filter, attributes, most }: Search,
  timeLimit: number,
): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  const pages = client.searchPaginated(base, {
    scope,
    filter,
    attributes: [...attributes],
    derefAliases: 'never',
    timeLimit: Math.ceil(timeLimit),
    paged: { pageSize: Math.min(most + 1, PAGE) },
  });
  for await (const { searchEntries } of pages) {
    found.push(...searchEntries);
    if (found.length > most) break;
  }
  return found.slice(0, most + 1);
}
