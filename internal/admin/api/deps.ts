// What the operations need of an issuer, each as the narrowest interface; whoever assembles it knows the
// rest. Adding a noun: its member here, its file in operations/, its line in table.ts.

import type { StatusReader } from './ports/status.ts';

export type ApiDeps = {
  readonly status: StatusReader;
};
