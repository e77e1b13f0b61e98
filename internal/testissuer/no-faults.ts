import type { TestIssuer } from './api.ts';
import { Misuse } from './misuse.ts';

const none = (): never => {
  throw new Misuse('faults: there is none by this name');
};

/** The catalogue of an issuer that always behaves. */
export const NO_FAULTS: TestIssuer['faults'] = {
  add: none,
  once: none,
  list: () => [],
  clear: () => undefined,
};
