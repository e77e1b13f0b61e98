// The three backends of userinfo that ask servers of others, opened as the configuration opens them.

import { toBackendOptions } from '../../internal/app/backends.ts';
import type { Config } from '../../internal/config/config.ts';
import { userinfo } from '../../internal/config/sections/userinfo.ts';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import type { Unavailable } from '../../internal/protocol/errors.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { type OpenedUserinfo, openUserinfo } from '../../internal/userinfo/open.ts';

type Backends = Config['userinfo']['backends'];

export type Opened = OpenedUserinfo & {
  /** Outages that were covered. */
  readonly problems: Unavailable[];
  /** Sets the clock, in seconds since the start. */
  at(seconds: number): void;
};

const START = 1_800_000_000;

/** @param given one backend as it stands in asteroid.yaml, file names absolute. */
export async function openBackend(given: Readonly<Record<string, unknown>>): Promise<Opened> {
  const { backends }: { readonly backends: Backends } = userinfo().parse({ backends: [given] });
  const problems: Unavailable[] = [];
  let now = START;
  const opened = await openUserinfo(toBackendOptions(backends), {
    now: () => now,
    outbound: createOutbound(anyAddress, { keepAlive: true }),
    loadUsers: async () => new Map(),
    findUser: async () => undefined,
    onProblem: (problem) => problems.push(problem),
  });
  return Object.assign(opened, {
    problems,
    at: (seconds: number) => {
      now = START + seconds;
    },
  });
}

/**
 * Backends of one file of tests: each is what they have in common and what a case says beside it.
 *
 * @param given asked for each, since a server has no address before it runs.
 */
export function createFinder(given: () => Readonly<Record<string, unknown>>) {
  const opened: Opened[] = [];
  const open = (more: Readonly<Record<string, unknown>> = {}): Promise<Opened> =>
    openBackend({ ...given(), ...more });
  return {
    open,
    async find(subject: string, more: Readonly<Record<string, unknown>> = {}) {
      const backend = await open(more);
      opened.push(backend);
      return backend.find(toSubject(subject), {});
    },
    /** Those that were asked; whoever opens one closes it. */
    close: () => Promise.all(opened.splice(0).map((one) => one.close())),
  };
}
