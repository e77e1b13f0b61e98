// What can be done about an End-User who is not, or not signed in as, the client asked for.

import type { Policy } from '../policy.ts';
import { rememberLast } from '../remember-last.ts';
import { hasSlot, SIGNED_OUT } from '../template.ts';

export type Abilities = {
  /** The template of where the upstream authenticates anew. */
  readonly reauthenticate: string | undefined;
  readonly switchAccount: boolean;
  /** Whether the upstream may reach one of these values when asked; of none: any at all. */
  readonly stepUp: (acrValues: readonly string[]) => boolean;
};

/** The same for every request, until the policy is another. */
export const abilitiesOf = rememberLast((policy: Policy): Abilities => {
  const { reauthenticateUrl, logoutUrl, acrValuesSupported } = policy;
  const asksForAcr = hasSlot(reauthenticateUrl, 'acr_values');
  return {
    reauthenticate: reauthenticateUrl,
    // Whoever signs out and is not sent back has lost the request.
    switchAccount: reauthenticateUrl !== undefined || hasSlot(logoutUrl, SIGNED_OUT),
    stepUp: (values) =>
      asksForAcr &&
      (values.length === 0 ||
        acrValuesSupported.length === 0 ||
        values.some((value) => acrValuesSupported.includes(value))),
  };
});
