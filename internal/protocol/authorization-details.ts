// Rich authorization requests (RFC 9396 §2), as a type: what each one means is its `type`'s to say.

import type { JsonValue } from './claims.ts';

/** One element of `authorization_details`, with every member it came with. */
export type AuthorizationDetail = {
  readonly type: string;
  readonly [member: string]: JsonValue;
};
