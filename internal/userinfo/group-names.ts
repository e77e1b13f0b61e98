// Names of groups as sources tell them: all of them, or none at all.

import { SourceError } from './source-error.ts';

/** More are a failure: a token that carries some of somebody's groups would be a lie. */
export const MAX_GROUPS = 1000;

/** Throws for more than anybody can be in, told once or more often: whoever told them may have left out others. */
export function checkGroupCount(count: number): void {
  if (count > MAX_GROUPS) throw new SourceError('too_large', `more than ${MAX_GROUPS} groups`);
}

/** Each name once. */
export function uniteGroups<Name>(...names: readonly (readonly Name[])[]): readonly Name[] {
  const all = [...new Set(names.flat())];
  checkGroupCount(all.length);
  return all;
}
