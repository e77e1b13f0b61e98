// Front-Channel Logout 1.0 §3: clients that live in the browser are told there, each in a frame.

import type { Client } from '../../protocol/client.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { appendQuery } from '../query.ts';

/** What the page has to load; `iss` and `sid` are always there, and nothing else is added. */
export const frontChannelUrls = (
  clients: readonly Client[],
  sid: SessionId,
  issuer: string,
): readonly string[] =>
  clients.flatMap(({ frontchannelLogoutUri: uri }) =>
    uri === undefined
      ? []
      : [
          appendQuery(uri, [
            ['iss', issuer],
            ['sid', sid],
          ]),
        ],
  );
