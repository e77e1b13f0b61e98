// From the words of asteroid.yaml to traces, and from what becomes of them to the log.

import type { Config } from '../config/config.ts';
import type { Log } from '../telemetry/log.ts';
import type { Numbers } from '../telemetry/numbers.ts';
import type { Tracing, TracingOptions } from '../telemetry/tracing.ts';
import { createPeerMatch } from '../upstream/peers.ts';
import { readCredential } from './backends.ts';
import { VERSION } from './version.ts';

/** Undefined where nothing is to be traced; what does it is loaded otherwise. */
export async function openConfiguredTracing(
  { tracing, upstream }: Config,
  numbers: Numbers | undefined,
  log: Log,
): Promise<Tracing | undefined> {
  if (tracing === undefined) return undefined;
  const { openTracing } = await import('../telemetry/tracing/open.ts');
  const count = numbers?.counter('traceSpans');
  return openTracing({
    endpoint: tracing.endpoint,
    sample: tracing.sample,
    serviceName: tracing.service_name,
    version: VERSION,
    headers: () => readHeaderFile(tracing.headers_file),
    isAccepted: createIsAccepted(tracing.accept_from ?? upstream.trust.peers),
    onSpans: (outcome, spans) => count?.([outcome], undefined, spans),
    onReceiver: (problem) => {
      if (problem === undefined) log.info({}, 'traces are taken again');
      else log.warn({ detail: problem.message }, 'traces are lost');
    },
  });
}

/** Who may open the socket was decided by whoever made it. */
function createIsAccepted(ranges: readonly string[]): TracingOptions['isAccepted'] {
  const isListed = createPeerMatch(ranges);
  return ({ address, unixSocket }) => unixSocket || isListed(address);
}

/** `Name: value`, one a line. Read for each batch: a rotated credential works without a restart. */
async function readHeaderFile(file: string | undefined): Promise<Readonly<Record<string, string>>> {
  if (file === undefined) return {};
  const lines = (await readCredential(file)).split(/\r?\n/).filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}
