// A SCIM 2 service that knows the End-Users: a search by one attribute, or by id. An inactive one does
// not exist, and more than one for a subject is a failure.

import type { Outbound } from '../../outbound/outbound.ts';
import type { Claims } from '../../protocol/claims.ts';
import type { Subject } from '../../protocol/ids.ts';
import type { Answer } from '../answers.ts';
import { checkUsername, type HttpAuthentication } from '../authorization.ts';
import type { Backend } from '../backend.ts';
import { MAX_GROUPS, uniteGroups } from '../group-names.ts';
import {
  createRemoteBackend,
  type RemoteDeps,
  type RemoteOptions,
  TIMEOUT,
  toAnswer,
} from '../remote.ts';
import { malformed } from '../source-error.ts';
import { isSubject } from '../subject-match.ts';
import { equals } from './filter.ts';
import { GROUP, readGroups, toClaims, USER, type User, valuesAt } from './resource.ts';
import { createService } from './service.ts';
import { type ClientCredentials, createReadToken } from './token.ts';

export type ScimBackendOptions = RemoteOptions & {
  /** Without a slash at its end, e.g. `https://id.example.com/scim/v2`. */
  readonly url: string;
  readonly authentication: HttpAuthentication | ClientCredentials | undefined;
  /** The attribute that is the subject; `id` is asked for by itself. */
  readonly lookup: string;
  /** The subject may be written in another case there. */
  readonly ignoreCase: boolean;
  /** Where the names of groups come from: the user, a search for groups that have them, or nowhere. */
  readonly groups: 'user' | 'search' | 'none';
  /** The attribute of `groups` that is the name, where the user has them. */
  readonly groupName: 'display' | 'value';
  /** Further claims, each with the path of an attribute. */
  readonly attributes: { readonly [claim: string]: string };
  readonly constants: Claims;
  /** In place of the common way out, e.g. with another CA. */
  readonly outbound: Outbound | undefined;
};

export type ScimBackendDeps = RemoteDeps & { readonly outbound: Outbound };

/** Throws when the URL or the user name can never be right. */
export function createScimBackend(options: ScimBackendOptions, deps: ScimBackendDeps): Backend {
  const { authentication, lookup, timeout = TIMEOUT, outbound = deps.outbound } = options;
  if (authentication?.kind === 'basic') checkUsername(authentication, 'scim');
  const authorize = createReadToken(authentication, { outbound, now: deps.now, timeout });
  const service = createService({ url: options.url, authorize, outbound, timeout });

  async function find(subject: Subject, signal: AbortSignal): Promise<User | undefined> {
    const [found] =
      lookup === 'id'
        ? [await service.get(subject, signal)]
        : await service.search('Users', equals(lookup, subject), 1, signal);
    if (found === undefined) return undefined;
    const user = USER.safeParse(found);
    if (!user.success) throw malformed(`attributes of a wrong type: ${faulty(user.error.issues)}`);
    const names = valuesAt(user.data, lookup);
    const isTheirs = names.some(
      (name) => typeof name === 'string' && isSubject(name, subject, options.ignoreCase),
    );
    return isTheirs && user.data.active !== false ? user.data : undefined;
  }

  async function findGroups({ id, groups }: User, signal: AbortSignal): Promise<readonly string[]> {
    if (options.groups === 'none') return [];
    if (options.groups === 'user') return readGroups(groups, options.groupName);
    const found = await service.search('Groups', equals('members.value', id), MAX_GROUPS, signal);
    return found.map((group) => {
      const name = GROUP.safeParse(group).data?.displayName;
      if (typeof name !== 'string') throw malformed('a group has no displayName');
      return name;
    });
  }

  async function ask(subject: Subject, signal: AbortSignal): Promise<Answer | undefined> {
    const user = await find(subject, signal);
    if (user === undefined) return undefined;
    const groups = uniteGroups(await findGroups(user, signal));
    const more = Object.entries(options.attributes).map(([claim, path]) => [
      claim,
      one(user, path),
    ]);
    return toAnswer(
      { ...toClaims(user), groups, ...Object.fromEntries(more) },
      subject,
      options.constants,
    );
  }

  return createRemoteBackend(options, { type: 'scim', ask, isProbed: true }, deps);
}

/** The value itself, or a list where there are several on the way. */
function one(user: User, path: string): unknown {
  const values = valuesAt(user, path);
  return values.length > 1 ? values : values[0];
}

const faulty = (issues: readonly { readonly path: readonly PropertyKey[] }[]): string =>
  [...new Set(issues.map(({ path }) => String(path[0] ?? 'the whole answer')))].join(', ');
