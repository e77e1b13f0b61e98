// From what was sent and what the issuer saw to a verdict. Pure. What did not arrive is kept out only
// because controls, before and after, show that whatever arrives is seen.

import type { Arrival } from '../admin/arrivals.ts';
import type { Sighting } from '../admin/recorder.ts';
import type { Hole } from '../admin/remedies.ts';
import type { Attack } from './attack.ts';

type Outcome = 'kept_out' | 'altered' | 'reached';

export type Verdict = {
  readonly outcome: Outcome;
  /** The issuer would take the forged word for the proxy's. */
  readonly believed: boolean;
  /** The header that came through; undefined where it is about no single one. */
  readonly header: string | undefined;
  readonly hole: Hole | undefined;
  /** Why the issuer refuses what arrived; undefined when it does not, or nothing arrived. */
  readonly refused: string | undefined;
};

export type Facts = {
  readonly attack: Attack;
  /** Requests of this attempt that reached the issuer. */
  readonly sightings: readonly Sighting[];
  /** Somebody's session was sent along. */
  readonly signedIn: boolean;
  /** What the issuer saw of an honest request of the same sender; undefined when it never arrived. */
  readonly honest: Sighting | undefined;
};

/** Where a value is refused only for what it looks like, one of the right form would be believed. */
const ONLY_THE_FORM: ReadonlySet<string> = new Set([
  'header_value',
  'header_encoding',
  'placeholder',
]);

const HOST_REFUSALS: ReadonlySet<string> = new Set([
  'host_foreign',
  'host_missing',
  'header_repeated',
  'target_form',
]);

type Found = { readonly hole: Hole; readonly header: string | undefined };

export function decideVerdict(facts: Facts): Verdict {
  const { sightings } = facts;
  const refused = sightings
    .map((sighting) => sighting.refused ?? sighting.identityRefused)
    .find((word) => word !== undefined);
  const found = findHole(facts);
  if (found !== undefined) {
    const believed = sightings.some((sighting) => isBelieved(sighting, facts));
    return { outcome: 'reached', believed, ...found, refused };
  }
  const replaced = sightings.some(({ arrivals }) => arrivals.some(({ other }) => other > 0));
  const outcome = replaced ? 'altered' : 'kept_out';
  return { outcome, believed: false, header: undefined, hole: undefined, refused: undefined };
}

/** In the order of what matters most. */
function findHole(facts: Facts): Found | undefined {
  const { attack, sightings } = facts;
  const arrivals = sightings.flatMap((sighting) => sighting.arrivals);
  const hit = arrivals.find(isForged);
  if (hit !== undefined) return { hole: holeOf(hit, attack), header: hit.header };
  if (attack.hidden && sightings.some(({ route }) => route === 'authorize')) {
    return { hole: attack.hole, header: undefined };
  }
  if (attack.hole === 'host' && sightings.some(isForeign)) {
    return { hole: 'host', header: undefined };
  }
  const lost = findLost(facts);
  if (lost !== undefined) return { hole: 'connection', header: lost };
  return findStranger(facts);
}

/** A line that only the sender can have written. */
const isForged = ({ how, canary }: Arrival): boolean => how === 'connection' || canary > 0;

function holeOf({ how }: Arrival, { hole }: Attack): Hole {
  if (how === 'connection') return 'connection';
  return how === 'alias' ? 'alias' : hole;
}

const isForeign = ({ refused }: Sighting): boolean =>
  refused !== undefined && HOST_REFUSALS.has(refused);

/** T07: a hop obeyed, and what the proxy says on every other request is missing on this one. */
function findLost({ attack, sightings, honest }: Facts): string | undefined {
  const { hole, header } = attack;
  if (hole !== 'connection' || header === undefined || honest === undefined) return undefined;
  const carries = ({ arrivals }: Sighting): boolean =>
    arrivals.some((arrival) => arrival.header === header && arrival.other > 0);
  return carries(honest) && sightings.some((sighting) => !carries(sighting)) ? header : undefined;
}

/** T08, T18: the proxy speaks for somebody whom it never asked who they are. */
function findStranger({ attack, sightings, signedIn }: Facts): Found | undefined {
  if (signedIn || attack.hole !== 'stranger') return undefined;
  const named = sightings.some(
    ({ identity, identityRefused }) =>
      identity === 'identified' || identityRefused === 'placeholder',
  );
  return named ? { hole: 'stranger', header: undefined } : undefined;
}

function isBelieved(sighting: Sighting, { signedIn }: Facts): boolean {
  const { believed, identity, identityRefused = '', arrivals } = sighting;
  if (believed) return true;
  if (!signedIn && identity === 'identified') return true;
  const exact = arrivals.some(({ how, canary }) => how === 'exact' && canary > 0);
  return exact && ONLY_THE_FORM.has(identityRefused);
}
