// One answer of a key service, as text.

import { type Outbound, readText } from '../outbound/outbound.ts';

const TIMEOUT = 2;
const MAX_BYTES = 256 * 1024;

/** Undefined: the service says that there is nothing under this name. */
export async function fetchText(outbound: Outbound, url: string): Promise<string | undefined> {
  const headers = { accept: '*/*' };
  const answer = await outbound({ url, headers, timeout: TIMEOUT, maxBytes: MAX_BYTES });
  // This is how object storage, where the keys of load balancers are, says that it has no such thing.
  return answer.status === 403 ? undefined : readText(answer);
}
