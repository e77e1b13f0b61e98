// Parts that hold connections or remember what they were told: opened anew when what they are made of is
// something else, shared by the configurations that agree on it, and closed when the last of them is over.

import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '../loader/load.ts';
import type { Awaitable } from '../protocol/awaitable.ts';

export type Held<Part> = {
  readonly part: Part;
  /** Its configuration comes into force: secrets and keys that the part asks for are those of this one. */
  readonly take: () => void;
  /** Its configuration is over, or never came into force. */
  readonly release: () => Promise<void>;
};

export type Kept<Part> = {
  /** Rejects when it cannot be opened; then nothing has changed. */
  readonly hold: (snapshot: Snapshot) => Promise<Held<Part>>;
  /** Also what is still held. */
  readonly close: () => Promise<void>;
};

export type KeptTerms<Part> = {
  /** Whatever a part is made of: as long as it is equal, the part stays. */
  readonly of: (snapshot: Snapshot) => unknown;
  /** @param latest of those that came into force with this part. */
  readonly open: (snapshot: Snapshot, latest: () => Snapshot) => Awaitable<Part>;
  readonly close?: (part: Part) => Awaitable<void>;
};

type Entry<Part> = {
  readonly of: unknown;
  readonly part: Part;
  latest: Snapshot;
  holders: number;
};

export function createKept<Part>({ of, open, close }: KeptTerms<Part>): Kept<Part> {
  const entries = new Set<Entry<Part>>();

  async function openEntry(snapshot: Snapshot): Promise<Entry<Part>> {
    let latest = (): Snapshot => snapshot;
    const part = await open(snapshot, () => latest());
    const entry = { of: of(snapshot), part, latest: snapshot, holders: 0 };
    latest = () => entry.latest;
    entries.add(entry);
    return entry;
  }
  async function end(entry: Entry<Part>): Promise<void> {
    if (entries.delete(entry)) await close?.(entry.part);
  }

  return {
    async hold(snapshot) {
      const made = of(snapshot);
      const known = [...entries].find((entry) => isDeepStrictEqual(entry.of, made));
      const entry = known ?? (await openEntry(snapshot));
      entry.holders += 1;
      let isHeld = true;
      return {
        part: entry.part,
        take() {
          entry.latest = snapshot;
        },
        async release() {
          if (!isHeld) return;
          isHeld = false;
          entry.holders -= 1;
          if (entry.holders === 0) await end(entry);
        },
      };
    },
    close: async () => {
      await Promise.all([...entries].map(end));
    },
  };
}
