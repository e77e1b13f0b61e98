// A PostgreSQL database that knows the End-Users: a query of the operator's for the claims, and one for
// the groups. More than one row for a subject is a failure, never a choice.

import type { Subject } from '../../protocol/ids.ts';
import type { Backend } from '../backend.ts';
import { checkGroupCount, MAX_GROUPS, uniteGroups } from '../group-names.ts';
import { createPool } from '../pool.ts';
import {
  createRemoteBackend,
  type RemoteDeps,
  type RemoteOptions,
  TIMEOUT,
  toAnswer,
} from '../remote.ts';
import { malformed, SourceError } from '../source-error.ts';
import { connect, type Database, type Rows } from './connection.ts';
import { isJson } from './values.ts';

export type SqlBackendOptions = RemoteOptions &
  Omit<Database, 'timeLimit'> & {
    /** One row for a subject, none for an unknown one; `$1` is the subject, as text. */
    readonly query: string;
    /** Rows of one column, each the name of a group. */
    readonly groupsQuery: string | undefined;
    readonly maxConnections: number;
  };

/** Nothing is connected to before somebody asks. */
export function createSqlBackend(options: SqlBackendOptions, deps: RemoteDeps): Backend {
  const { query, groupsQuery, timeout = TIMEOUT } = options;
  const database = { ...options, timeLimit: timeout };
  const questions = [
    { query, most: 1 },
    ...(groupsQuery === undefined ? [] : [{ query: groupsQuery, most: MAX_GROUPS }]),
  ];
  const pool = createPool({
    max: options.maxConnections,
    now: deps.now,
    open: (signal) => connect(database, signal),
  });

  async function ask(subject: Subject, signal: AbortSignal) {
    // No text of PostgreSQL has one: who cannot be asked for is unknown.
    if (subject.includes('\0')) return undefined;
    const answers = await pool.use(signal, (connection) => connection.read(questions, subject));
    const [found, groups] = answers;
    const claims = found && toClaims(found);
    if (claims === undefined) return undefined;
    return toAnswer(groups ? { ...claims, groups: toGroups(groups) } : claims, subject);
  }

  const source = { type: 'sql', ask, isProbed: true, close: async () => pool.close() };
  return createRemoteBackend(options, source, deps);
}

/** Each column a claim, or one column of JSON all of them. */
function toClaims({ columns, rows }: Rows): Readonly<Record<string, unknown>> | undefined {
  const [row, ...others] = rows;
  if (row === undefined) return undefined;
  if (others.length > 0) throw new SourceError('ambiguous', 'more than one row has this subject');
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw malformed(`two columns have the name ${twice}`);
  const [only, ...more] = columns;
  if (only === undefined || more.length > 0 || !isJson(only.oid)) {
    return Object.fromEntries(names.map((name, index) => [name, row[index]]));
  }
  const [tree] = row;
  if (!isObject(tree)) throw malformed(`the column ${only.name} is not a JSON object`);
  return tree;
}

function toGroups({ columns, rows }: Rows): readonly unknown[] {
  if (columns.length !== 1) throw malformed('the query for groups has more than one column');
  checkGroupCount(rows.length);
  return uniteGroups(rows.map(([name]) => name).filter((name) => name !== null));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
