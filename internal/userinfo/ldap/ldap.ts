// A directory that knows the End-Users (RFC 4511): one search for the subject, and one for its groups.
// More than one entry for a subject is a failure: whoever is taken for another is.

import type { Entry } from 'ldapts';
import type { Claims } from '../../protocol/claims.ts';
import type { Subject } from '../../protocol/ids.ts';
import type { Answer } from '../answers.ts';
import type { Backend } from '../backend.ts';
import { uniteGroups } from '../group-names.ts';
import { createPool } from '../pool.ts';
import {
  createRemoteBackend,
  type RemoteDeps,
  type RemoteOptions,
  TIMEOUT,
  toAnswer,
} from '../remote.ts';
import { SourceError } from '../source-error.ts';
import { isSubject } from '../subject-match.ts';
import { type Attributes, INET_ORG_PERSON, readClaims, readValues, typed } from './attributes.ts';
import { connect, type LdapConnection, type Server } from './connection.ts';
import { fillFilter } from './filter.ts';
import { type GroupTerms, readGroupName, readMemberOf, searchGroups } from './groups.ts';

export type LdapBackendOptions = RemoteOptions &
  Pick<Server, 'startTls' | 'tls' | 'bind'> &
  GroupTerms & {
    /** Tried in order, beginning with the one that answered last. */
    readonly urls: readonly string[];
    readonly base: string;
    readonly scope: 'one' | 'sub';
    /** With `{sub}` where the subject belongs. */
    readonly filter: string;
    /** Directories compare without regard to case: the entry has to say the very subject here. */
    readonly subjectAttribute: string;
    /** The subject may be written in another case there. */
    readonly ignoreCase: boolean;
    readonly attributes: Attributes | undefined;
    readonly constants: Claims;
    readonly maxConnections: number;
  };

type Found = { readonly entries: readonly Entry[]; readonly groups: readonly Entry[] };

/** Nothing is connected to before somebody asks. */
export function createLdapBackend(options: LdapBackendOptions, deps: RemoteDeps): Backend {
  const { timeout = TIMEOUT, subjectAttribute, memberOf, search, constants } = options;
  const mappings = typed(options.attributes ?? INET_ORG_PERSON);
  const wanted = [
    ...new Set([
      subjectAttribute,
      ...mappings.map(({ attribute }) => attribute),
      ...(memberOf === undefined ? [] : [memberOf.attribute]),
    ]),
  ];
  const pool = createPool({
    max: options.maxConnections,
    now: deps.now,
    open: createConnect(options, timeout),
  });

  async function look(connection: LdapConnection, subject: Subject): Promise<Found> {
    const filter = fillFilter(options.filter, { sub: subject });
    const { base, scope } = options;
    const entries = await connection.search({ base, scope, filter, attributes: wanted, most: 1 });
    const [entry, ...others] = entries;
    if (entry === undefined || others.length > 0 || search === undefined) {
      return { entries, groups: [] };
    }
    const member = { dn: entry.dn, sub: subject };
    return { entries, groups: await searchGroups(connection, member, search) };
  }

  function judge({ entries, groups }: Found, subject: Subject): Answer | undefined {
    const [entry, ...others] = entries;
    if (entry === undefined) return undefined;
    if (others.length > 0)
      throw new SourceError('ambiguous', 'more than one entry has this subject');
    const isTheirs = readValues(entry, subjectAttribute).some(
      (name) => typeof name === 'string' && isSubject(name, subject, options.ignoreCase),
    );
    if (!isTheirs) return undefined;
    const all = uniteGroups(
      memberOf === undefined ? [] : readMemberOf(entry, memberOf),
      search === undefined ? [] : groups.map((group) => readGroupName(group, search.name)),
    );
    const claims = readClaims(entry, mappings);
    return toAnswer(all.length === 0 ? claims : { ...claims, groups: all }, subject, constants);
  }

  const ask = async (subject: Subject, signal: AbortSignal) =>
    judge(await pool.use(signal, (connection) => look(connection, subject)), subject);

  const source = { type: 'ldap', ask, isProbed: true, close: async () => pool.close() };
  return createRemoteBackend(options, source, deps);
}

function createConnect({ urls, ...server }: LdapBackendOptions, timeLimit: number) {
  let first = 0;

  return async (signal: AbortSignal): Promise<LdapConnection> => {
    const problems: unknown[] = [];
    for (let turn = 0; turn < urls.length; turn += 1) {
      const index = (first + turn) % urls.length;
      // One that does not even answer leaves the others their share of the time.
      const share = AbortSignal.timeout((timeLimit * 1000) / urls.length);
      const patience = urls.length === 1 ? signal : AbortSignal.any([signal, share]);
      try {
        const connection = await connect(
          { ...server, url: urls[index] ?? '', timeLimit },
          patience,
        );
        first = index;
        return connection;
      } catch (error) {
        if (signal.aborted) throw error;
        problems.push(error);
      }
    }
    throw toFailure(problems);
  };
}

/** One that answers says more about it than others that do not. */
function toFailure(problems: readonly unknown[]): unknown {
  if (problems.length === 1) return problems[0];
  const cause = problems.find((one) => one instanceof SourceError) ?? problems[0];
  return new Error(`no server answers: ${problems.map(String).join('; ')}`, { cause });
}
