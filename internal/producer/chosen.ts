// The form of the chooser.

import type { IncomingMessage } from 'node:http';
import { BACK } from './doors.ts';
import { ProducerRefusal } from './refusal.ts';
import { assertSameSite } from './who.ts';

const MAX_BYTES = 16 * 1024;

export type Choice = { readonly user: string; readonly back: string | undefined };

/** Throws for a form of another site: it would sign people in as whom it likes. */
export async function readChoice(request: IncomingMessage): Promise<Choice> {
  assertSameSite(request.headers);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new ProducerRefusal(413, 'this is longer than any choice');
    chunks.push(chunk);
  }
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  return { user: form.get('user') ?? '', back: form.get(BACK) ?? undefined };
}
