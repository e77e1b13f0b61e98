// A collector of syslog, by whichever of the ways there are to one.

import { hostname } from 'node:os';
import type { SyslogOptions } from '../options.ts';
import { createQueue } from '../queue.ts';
import type { Sink, SinkTerms } from '../sink.ts';
import { printMessage, type Sender } from './syslog-message.ts';
import { openMessages } from './syslog-ways.ts';

const MAX_BATCH = 200;

/** Connects when there is something to say. */
export function createSyslogSink(
  { address, facility, appName }: SyslogOptions,
  terms: SinkTerms,
): Sink {
  const sender: Sender = { facility, appName, hostname: hostname(), pid: process.pid };
  const ways = openMessages(address);
  return createQueue(
    {
      send: (records, signal) =>
        ways.send(
          records.map((record) => printMessage(record, sender)),
          signal,
        ),
      close: async () => ways.close(),
    },
    MAX_BATCH,
    terms,
  );
}
