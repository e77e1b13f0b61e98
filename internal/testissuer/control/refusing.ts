// What an issuer says about a wish that cannot be granted, as a refusal of the caller's request.

import { ControlRefusal } from '../../admin/control.ts';
import { Misuse } from '../misuse.ts';

/** Whatever else is thrown is a mistake of ours, and stays one. */
export async function refusing<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Misuse) throw new ControlRefusal('invalid_request', error.message);
    throw error;
  }
}
