// Through all keys of a kind, server by server. SCAN promises everything that is there from the first step to the
// last, and only at one server: a cursor that comes to another one is told apart, and a slot that moves between two
// primaries can be on neither while each is looked at.

import type { AuthorizationId, Subject } from '../../protocol/ids.ts';
import { toAuthorizationId } from '../../protocol/ids.ts';
import type { Keeper } from './connection/connection.ts';
import { parseConsentMember } from './indexes.ts';
import { type Access, type Reply, run, runAt } from './run.ts';
import { SCAN_ALL, SCAN_INDEX } from './scripts-held.ts';

/** Looked at in one step. */
const WAVE = 100;

/** `next` is undefined at the end. */
type Stepped<Found> = { readonly found: readonly Found[]; readonly next: string | undefined };

const FOREIGN: Reply = ['foreign'];

/** One step through all authorizations and consents; undefined where `place` leads nowhere any more. */
export async function stepThroughAll(
  { reading, keepers, names }: Access,
  place: string | undefined,
): Promise<Stepped<string> | undefined> {
  const at = parsePlace(place);
  if (at === undefined) return undefined;
  return reading.ask.untilAnswered('walk', async (notAfter) => {
    const all = keepers().toSorted(byName);
    const keeper = at.name === undefined ? all[0] : all.find(({ name }) => name === at.name);
    if (keeper === undefined) return undefined;
    const args = [notAfter, at.server, at.cursor, names.anyGranted, WAVE] as const;
    const [word, server = '', cursor = '', ...found] = await runAt(keeper.node, SCAN_ALL, args);
    if (word !== 'found') return undefined;
    if (cursor !== '0') return { found, next: printPlace([keeper.name, server, cursor]) };
    const following = all[all.indexOf(keeper) + 1];
    return { found, next: following && printPlace([following.name, '', '0']) };
  });
}

/** One step through what the index of an End-User names. */
export async function stepThroughIndex(
  { reading, names }: Access,
  subject: Subject,
  place: string | undefined,
): Promise<Stepped<AuthorizationId> | undefined> {
  const at = parsePlace(place);
  if (at === undefined) return undefined;
  const [word, server = '', cursor = '', ...members] = await reading.ask.untilAnswered(
    'walk',
    (notAfter) =>
      run(
        ...([
          reading.redis,
          SCAN_INDEX,
          [names.granted(subject)],
          [notAfter, at.server, at.cursor, WAVE],
          FOREIGN,
        ] as const),
      ),
  );
  if (word === 'foreign') return { found: [], next: undefined };
  if (word !== 'found') return undefined;
  const ids = members.filter((member) => parseConsentMember(member) === undefined);
  const next = cursor === '0' ? undefined : printPlace(['', server, cursor]);
  return { found: ids.map(toAuthorizationId), next };
}

/** The id in the name of a key; undefined for the key of something else. */
export function idOfKey(key: string): AuthorizationId | undefined {
  const [, id] = /:a:\{([^}]+)\}$/.exec(key) ?? [];
  return id === undefined ? undefined : toAuthorizationId(id);
}

const byName = ({ name: one }: Keeper, { name: other }: Keeper): number => (one < other ? -1 : 1);

type Place = {
  /** Undefined: whoever comes first. */
  readonly name: string | undefined;
  readonly server: string;
  readonly cursor: string;
};

const printPlace = (place: readonly [name: string, server: string, cursor: string]): string =>
  place.join(' ');

/** It was in the hands of others. */
function parsePlace(place: string | undefined): Place | undefined {
  if (place === undefined) return { name: undefined, server: '', cursor: '0' };
  const [, name, server, cursor] = /^(\S*) ([\da-f]*) (\d{1,20})$/.exec(place) ?? [];
  if (name === undefined || server === undefined || cursor === undefined) return undefined;
  return { name, server, cursor };
}
