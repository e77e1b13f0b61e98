// One connection to PostgreSQL, on which nothing but reading is possible. Relies on no setting of the
// server or of the environment for that.

import { Socket } from 'node:net';
import pg from 'pg';
import type { ReadSecret } from '../authorization.ts';
import type { Connection } from '../pool.ts';
import { readServerTls, type ServerTls } from '../server-tls.ts';
import { describeFailure } from './failure.ts';
import { readerOf } from './values.ts';

export type Database = {
  /** A host, or a folder with a socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly name: string;
  readonly password: ReadSecret | undefined;
  /** Undefined: without TLS, which only a socket, a loopback or the operator's word allows. */
  readonly tls: ServerTls | undefined;
  /** Seconds after which the server gives up a query. */
  readonly timeLimit: number;
};

type Column = { readonly name: string; readonly oid: number };
export type Rows = {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
};

/** A query with `$1` for the subject, and how many rows of it are wanted at most. */
type Question = { readonly query: string; readonly most: number };

export type SqlConnection = Connection & {
  /** All of them see the database as it is at one moment. */
  read(questions: readonly Question[], subject: string): Promise<readonly Rows[]>;
};

export async function connect(database: Database, signal: AbortSignal): Promise<SqlConnection> {
  const { host, port, user, name, password, tls, timeLimit } = database;
  const ssl = tls === undefined ? false : await readServerTls(tls, host);
  const secret = (await password?.()) ?? '';
  // Files may have taken all the time there was: an abort that is past is not heard any more.
  signal.throwIfAborted();
  const socket = new Socket();
  const client = new pg.Client({
    ...{ host, port, user, database: name, ssl },
    // A function even without one, or the client would look for one in files of its own.
    password: () => secret,
    application_name: 'asteroid',
    stream: () => socket,
    types: { getTypeParser: (oid: number) => readerOf(oid) },
  });
  let isGone = false;
  // Without a listener, a connection that breaks while nobody uses it would end the process.
  client.on('error', () => {
    isGone = true;
  });
  client.on('end', () => {
    isGone = true;
  });
  const close = () => void socket.destroy();
  signal.addEventListener('abort', close, { once: true });
  try {
    await client.connect();
  } catch (error) {
    close();
    throw describeFailure(error);
  } finally {
    signal.removeEventListener('abort', close);
  }
  return {
    isUsable: () => !isGone,
    close,
    read: (questions, subject) => readAll(client, questions, { subject, timeLimit }),
  };
}

async function readAll(
  client: pg.Client,
  questions: readonly Question[],
  { subject, timeLimit }: { readonly subject: string; readonly timeLimit: number },
): Promise<readonly Rows[]> {
  try {
    await client.query(toBegin(timeLimit));
    const answers: Rows[] = [];
    for (const { query, most } of questions) {
      answers.push(await ask(client, bounded(query, most), subject));
    }
    await client.query('COMMIT');
    return answers;
  } catch (error) {
    throw describeFailure(error);
  }
}

// In the transaction rather than in the session: poolers in between hand sessions on.
const toBegin = (timeLimit: number): string =>
  [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    `SET LOCAL statement_timeout = ${Math.ceil(timeLimit * 1000)}`,
    `SET LOCAL DateStyle = 'ISO'`,
    `SET LOCAL TimeZone = 'UTC'`,
  ].join(';');

// A table of a million rows where one was expected stays where it is. A comment at the end of the query
// ends with its line.
const bounded = (query: string, most: number): string =>
  `SELECT * FROM (\n${withoutEnd(query)}\n) AS asked LIMIT ${most + 1}`;

function withoutEnd(query: string): string {
  let text = query.trimEnd();
  while (text.endsWith(';')) text = text.slice(0, -1).trimEnd();
  return text;
}

async function ask(client: pg.Client, text: string, subject: string): Promise<Rows> {
  // Values and statement travel apart: no subject is ever part of the query.
  const { fields, rows } = await client.query<unknown[]>({
    text,
    values: [subject],
    rowMode: 'array',
  });
  return { columns: fields.map(({ name, dataTypeID }) => ({ name, oid: dataTypeID })), rows };
}
