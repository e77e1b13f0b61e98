// The groups of an entry: those that it names itself, and those that name it.

import type { Entry } from 'ldapts';
import { checkGroupCount, MAX_GROUPS } from '../group-names.ts';
import { malformed } from '../source-error.ts';
import { readTexts } from './attributes.ts';
import type { LdapConnection } from './connection.ts';
import { isWithin, parseDn } from './dn.ts';
import { fillFilter } from './filter.ts';

/** An attribute of the entry whose values are names of groups, e.g. `memberOf`. */
export type MemberOf = {
  readonly attribute: string;
  /** Only groups below it count. */
  readonly base: string | undefined;
};

/** A search for groups; `{dn}` and `{sub}` in its filter are those of the member. */
export type GroupSearch = {
  readonly base: string;
  readonly scope: 'one' | 'sub';
  readonly filter: string;
  /** The attribute that holds the name of a group. */
  readonly name: string;
  /** How many steps upwards groups are members of groups. */
  readonly nested: number;
};

export type GroupTerms = {
  readonly memberOf: MemberOf | undefined;
  readonly search: GroupSearch | undefined;
};

/**
 * Names of groups by their first attribute. Whoever may make groups elsewhere in the directory could
 * make one of the same name: only those below `base` count.
 */
export function readMemberOf(entry: Entry, { attribute, base = '' }: MemberOf): readonly string[] {
  const root = parseDn(base);
  return readTexts(entry, attribute).flatMap((value) => {
    const dn = parseDn(value);
    if (dn === undefined || root === undefined) {
      throw malformed(`the attribute ${attribute} is not a distinguished name`);
    }
    const [first] = isWithin(dn, root) ? dn : [];
    return first === undefined ? [] : [first.value];
  });
}

/** Entries of groups, those above them included, each once. */
export async function searchGroups(
  connection: LdapConnection,
  member: { readonly dn: string; readonly sub: string },
  { base, scope, filter, name, nested }: GroupSearch,
): Promise<readonly Entry[]> {
  const found = new Map<string, Entry>();
  let members = [member];
  for (let step = 0; step <= nested && members.length > 0; step += 1) {
    const above: Entry[] = [];
    for (const values of members) {
      const filled = fillFilter(filter, values);
      const terms = { base, scope, filter: filled, attributes: [name], most: MAX_GROUPS };
      const groups = await connection.search(terms);
      // A group that is a member of itself, by however many others, is found once.
      above.push(...groups.filter(({ dn }) => !found.has(dn)));
      for (const group of groups) found.set(group.dn, group);
      checkGroupCount(found.size);
    }
    // A group is a member by its name alone: a group `alice` is not the End-User `alice`.
    members = above.map(({ dn }) => ({ dn, sub: dn }));
  }
  return [...found.values()];
}

/** The one name of a group; throws for several, of which anybody could have added one. */
export function readGroupName(group: Entry, attribute: string): string {
  const [name, ...others] = readTexts(group, attribute);
  if (name === undefined || others.length > 0) {
    throw malformed(`the attribute ${attribute} of a group is not one text`);
  }
  return name;
}
