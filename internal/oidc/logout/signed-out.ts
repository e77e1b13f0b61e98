// GET /signed_out: where the upstream's sign-out returns to. Nobody is signed in here any more, so that
// this reads no identity and a proxy need not ask for one.

import { readParam } from '../../protocol/params.ts';
import { isHandleUnknown } from '../authorize/pending.ts';
import { RESUME } from '../authorize/way-back.ts';
import type { Deps } from '../deps.ts';
import type { Endpoint } from '../endpoint.ts';
import { takeBack, useUp } from './sealed-page.ts';
import { arrive } from './sign-out.ts';

/** Sends the browser where its client wants it, once; without a handle of ours it is just a page. */
export const createSignedOutEndpoint =
  (deps: Deps): Endpoint =>
  async ({ params }) => {
    const resume = readParam(params, RESUME);
    return arrive(resume === undefined ? undefined : await takeTarget(resume, deps));
  };

async function takeTarget(resume: string, deps: Deps): Promise<string | undefined> {
  try {
    const { content, handle } = await takeBack<{ goTo: string }>('signed_out', resume, deps);
    return (await useUp(handle, deps)) ? content.goTo : undefined;
  } catch (error) {
    if (isHandleUnknown(error)) return undefined;
    throw error;
  }
}
