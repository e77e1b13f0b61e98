// What must be found by an operator, who is none of those who granted: any authorization by its id, all of them
// page by page, and an end to everything of one client. No index serves this: one key for each client
// would be a hot one, and every sign-in would pay for what is asked once a month. Whoever asks looks at everything.

import type { AuthorizationId, ClientId, Subject } from '../protocol/ids.ts';
import type { LiveAuthorization } from './granted.ts';
import type { PendingRequest } from './store.ts';

/** An authorization that stands, with whose it is. */
export type HeldAuthorization = LiveAuthorization & { readonly subject: Subject };

/** Which are meant; a member that is absent does not matter. */
export type Whose = {
  readonly subject?: Subject | undefined;
  readonly clientId?: ClientId | undefined;
};

export type PageTerms = {
  /** Of the page before; undefined at the beginning. */
  readonly cursor: string | undefined;
  /** How many a page has at most. */
  readonly limit: number;
};

export type HeldPage = {
  readonly authorizations: readonly HeldAuthorization[];
  /** For the page after; undefined at the end. A page may have few or none and yet one after it. */
  readonly next: string | undefined;
};

export type EndedHeld = {
  readonly authorizations: readonly HeldAuthorization[];
  /** What was agreed to and is asked again. */
  readonly consents: readonly Agreed[];
};

export type Agreed = { readonly subject: Subject; readonly clientId: ClientId };

/** An authorization is found here from its grant on, where it has a membership. */
export type HeldVerbs = {
  /**
   * One page. All pages together have everything that stood from the first to the last; what comes or goes
   * meanwhile may be there, and something may be there twice. Undefined for a cursor that leads nowhere any more.
   */
  listHeld(whose: Whose, page: PageTerms, now: number): Promise<HeldPage | undefined>;

  findHeld(id: AuthorizationId, now: number): Promise<HeldAuthorization | undefined>;

  /**
   * Ends all that are meant, forgets what was agreed to, and, where a whole client is meant, drops its requests that
   * wait for somebody. Whatever was granted before the call has ended after it; what is being granted meanwhile
   * has ended, or stands and is found. Throws `Unavailable` when not all of it could be ended: what was has been
   * told, and all can be asked again.
   *
   * @param onEnded told of what ended, a part at a time.
   */
  endAllHeld(
    whose: Whose,
    now: number,
    onEnded: (ended: EndedHeld) => Promise<void>,
  ): Promise<void>;
};

/** The same verbs, whose code is loaded when somebody asks. */
export function heldLater(load: () => Promise<HeldVerbs>): HeldVerbs {
  let loading: Promise<HeldVerbs> | undefined;
  const loaded = () => {
    loading ??= load();
    return loading;
  };
  return {
    listHeld: async (...asked) => (await loaded()).listHeld(...asked),
    findHeld: async (...asked) => (await loaded()).findHeld(...asked),
    endAllHeld: async (...asked) => (await loaded()).endAllHeld(...asked),
  };
}

/** Whether one authorization, or one consent, is meant. */
export const isHeldBy = ({ subject, clientId }: Agreed, whose: Whose): boolean =>
  (whose.subject === undefined || whose.subject === subject) &&
  (whose.clientId === undefined || whose.clientId === clientId);

/** Whose request it is: of whoever pushed it, or of whom it names itself. */
export const clientOf = ({ clientId, params }: PendingRequest): string | undefined =>
  clientId ?? params.find(([name]) => name === 'client_id')?.[1];

/** Whether no End-User in particular is meant, but everything of a client. */
export const isWholeClient = ({ subject, clientId }: Whose): boolean =>
  subject === undefined && clientId !== undefined;
