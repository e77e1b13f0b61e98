// What an issuer says about a wish that cannot be granted, as a refusal of the caller's request.

import { AdminRefusal } from '../../admin/refusal.ts';
import { Misuse } from '../misuse.ts';

/** Whatever else is thrown is a mistake of ours, and stays one. */
export async function refusing<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    throw new AdminRefusal('invalid_request', toOneLine(error.message));
  }
}

/** In a process, problems stand below each other; a description is one line (RFC 6749 §5.2). */
const toOneLine = (message: string): string =>
  message
    .replaceAll(/:\n\s*/g, ': ')
    .replaceAll(/\n\s*/g, '; ')
    .replaceAll(/\p{Cc}+/gu, ' ');
