// One answer of a key service, as text; everything but a plain 200 is none.

import type { Outbound } from '../../outbound/outbound.ts';

const TIMEOUT = 2;
const MAX_BYTES = 256 * 1024;

/** 403 is how object storage says it (ALB). */
const ABSENT: ReadonlySet<number> = new Set([403, 404, 410]);

/** Undefined: the service says that there is nothing under this name. */
export async function fetchText(outbound: Outbound, url: string): Promise<string | undefined> {
  const { status, headers, body } = await outbound({
    url,
    headers: { accept: '*/*' },
    timeout: TIMEOUT,
    maxBytes: MAX_BYTES,
  });
  if (ABSENT.has(status)) return undefined;
  // A redirect too: it could lead to keys of anybody.
  if (status !== 200) throw new Error(`answered with status ${status}`);
  // None was asked for, and a small answer could unfold to a large one.
  if (headers['content-encoding'] !== undefined) throw new Error('the answer is encoded');
  return decode(body);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('the answer is not UTF-8');
  }
}
