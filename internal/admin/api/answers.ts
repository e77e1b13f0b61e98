// What operations answer, by their ids, for whoever asks them as functions instead of over HTTP.

import type * as z from 'zod';

import type { ApiRoute } from './api.ts';
import type { records } from './shapes/audit.ts';
import type { client, clients, madeSecret } from './shapes/clients.ts';
import type { configuration, reloaded } from './shapes/configuration.ts';
import type { keys } from './shapes/keys.ts';
import type {
  authorization,
  endedAuthorizations,
  endedSessions,
  forgottenTally,
  session,
  stored,
  user,
} from './shapes/people.ts';
import type { status } from './shapes/status.ts';

type Next = { readonly next?: string };

/** By the id of the operation; those that nobody asks this way are not here. */
export type Answers = {
  readonly readStatus: z.output<typeof status>;
  readonly listClients: z.output<typeof clients>;
  readonly readClient: z.output<typeof client>;
  readonly deleteClient: undefined;
  readonly addClientSecret: z.output<typeof madeSecret>;
  readonly retireClientSecret: undefined;
  readonly listKeys: z.output<typeof keys>;
  readonly rotateKeys: z.output<typeof keys>;
  readonly retireKey: undefined;
  readonly readConfiguration: z.output<typeof configuration>;
  readonly reload: z.output<typeof reloaded>;
  readonly queryAudit: z.output<typeof records>;
  readonly listAuthorizations: Next & {
    readonly authorizations: readonly z.output<typeof authorization>[];
  };
  readonly endAuthorization: undefined;
  readonly endAuthorizations: z.output<typeof endedAuthorizations>;
  readonly listSessions: Next & { readonly sessions: readonly z.output<typeof session>[] };
  readonly endSession: undefined;
  readonly endSessions: z.output<typeof endedSessions>;
  readonly listUsers: Next & { readonly users: readonly z.output<typeof stored>[] };
  readonly readUser: z.output<typeof user>;
  readonly putUser: z.output<typeof stored>;
  readonly deleteUser: undefined;
  readonly flushUserinfo: z.output<typeof forgottenTally>;
};

type Said = {
  /** In the path. */
  readonly names?: Readonly<Record<string, string>>;
  /** What is undefined or empty is not said. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** The version that is believed to be there. */
  readonly ifMatch?: string | undefined;
};

type Answered<Id extends keyof Answers> = {
  readonly body: Answers[Id];
  readonly version: string | undefined;
};

/** Throws `AdminRefusal` and `Unavailable` like the operation itself. */
export type Ask = <Id extends keyof Answers>(id: Id, said?: Said) => Promise<Answered<Id>>;

/** Asks on behalf of somebody who was proven: what their role may, the operation decides. */
export const createAsk =
  (
    routes: readonly ApiRoute[],
    by: Pick<Parameters<ApiRoute['answer']>[0], 'caller' | 'requestId'>,
  ): Ask =>
  async (id, { names = {}, query = {}, body, ifMatch } = {}) => {
    const route = routes.find((one) => one.id === id);
    if (route === undefined) throw new Error(`there is no operation ${id}`);
    const given = Object.entries(query).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
    );
    const answer = await route.answer({
      ...{ names, body, ...by },
      query: given,
      ifMatch: ifMatch === undefined ? undefined : `"${ifMatch}"`,
    });
    // Tests hold every answer against the shape that this is made of.
    return { body: answer.body as never, version: answer.etag?.slice(1, -1) };
  };
