// What has to be known again when the browser comes back from a page or from the upstream: put aside
// under a handle, and sealed, so that no request which somebody else had put aside can pass for it.

import { handleUnknown, park, takeUp } from '../authorize/pending.ts';
import type { Deps } from '../deps.ts';
import type { Handle } from '../handle.ts';

export type SealedPurpose = 'sign_out' | 'signed_out';

type Json = { readonly [name: string]: string | null };

/** The handle. Throws `Unavailable` when too many requests wait already. */
export const putAside = (purpose: SealedPurpose, content: Json, deps: Deps): Promise<string> =>
  park(
    {
      params: new Map([[purpose, [deps.keys.seal(purpose, JSON.stringify(content))]]]),
      pending: undefined,
    },
    {},
    deps,
  );

/** Throws `invalid_request` when the handle is none, was used up, or was for something else. */
export async function takeBack<Content extends Json>(
  purpose: SealedPurpose,
  text: string,
  deps: Deps,
): Promise<{ readonly content: Content; readonly handle: Handle }> {
  const { params, handle } = await takeUp(text, deps);
  const [sealed = ''] = params.get(purpose) ?? [];
  const json = deps.keys.unseal(purpose, sealed);
  if (json === undefined) throw handleUnknown();
  // Our own key authenticates that it is what `putAside` was given.
  return { content: JSON.parse(json) as Content, handle };
}

/** Whether this call was the one that used it up. */
export const useUp = ({ id, hash }: Handle, { store, now }: Deps): Promise<boolean> =>
  store.discard(id, hash, now());
