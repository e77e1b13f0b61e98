// The page that asks whether to sign out, and its answer. The handle in it is unguessable, sealed, and
// for one End-User: it is the page's CSRF token too.

import { invalidRequest } from '../../protocol/errors.ts';
import { type Subject, toSessionId } from '../../protocol/ids.ts';
import { readRequiredParam } from '../../protocol/params.ts';
import { shownToAnother } from '../authorize/deny.ts';
import { readHandle } from '../authorize/pending.ts';
import type { Deps } from '../deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { originOf } from '../template.ts';
import { type Doubt, isHintOf, type LogoutRequest } from './request.ts';
import { putAside, takeBack, useUp } from './sealed-page.ts';
import { signOut } from './sign-out.ts';
import { findVisitor, type Visitor } from './visitor.ts';

type Parked = {
  readonly subject: string;
  readonly sid: string | null;
  readonly goTo: string | null;
};

/** Asks; @param reason why, for the record. */
export async function askToSignOut(
  request: LogoutRequest,
  { subject, isIdentified }: Visitor & { readonly subject: Subject },
  reason: Doubt,
  { requestId }: ProtocolRequest,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { client, hint, goTo } = request;
  // An ID Token of somebody else says nothing about which sessions are to end.
  const sid = isHintOf(request, subject, deps) ? (hint?.sid ?? null) : null;
  const handle = await putAside('sign_out', { subject, sid, goTo: goTo ?? null }, deps);
  deps.audit({ type: 'sign_out.asked', clientId: client?.clientId, subject, reason, requestId });
  return {
    kind: 'page',
    status: 200,
    page: {
      kind: 'sign_out',
      clientName: client === undefined ? undefined : (client.clientName ?? client.clientId),
      subject: isIdentified ? subject : undefined,
      leadsTo: [originOf(deps.policy().logoutUrl, deps), goTo].filter((url) => url !== undefined),
      handle,
    },
  };
}

/** POST /sign_out: by the End-User who was asked and nobody else. */
export const createSignOutEndpoint =
  (deps: Deps): Endpoint =>
  async (http) => {
    const handleText = readHandle(http.params);
    const decision = readRequiredParam(http.params, 'decision');
    const { content, handle } = await takeBack<Parked>('sign_out', handleText, deps);
    const visitor = findVisitor(http, deps);
    if (visitor.subject !== undefined && visitor.subject !== content.subject) {
      throw shownToAnother();
    }
    const { sid, goTo } = content;
    const response = await answer(decision, () =>
      signOut(
        visitor,
        { sid: sid === null ? undefined : toSessionId(sid), goTo: goTo ?? undefined },
        http.requestId,
        deps,
      ),
    );
    // Only now: whoever was not signed out after all can press the button again.
    await useUp(handle, deps);
    return response;
  };

async function answer(
  decision: string,
  leave: () => Promise<ProtocolResponse>,
): Promise<ProtocolResponse> {
  switch (decision) {
    case 'sign_out':
      return leave();
    case 'stay':
      return { kind: 'page', status: 200, page: { kind: 'signed_out', stayed: true } };
    default:
      throw invalidRequest({ reason: 'decision_unknown' });
  }
}
