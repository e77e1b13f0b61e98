// What goes back to the browser, and how: a page with its policy, or the next address. Nothing of it is kept by
// anybody on the way.

import type { ServerResponse } from 'node:http';
import { ADMIN_ERRORS, AdminRefusal } from '../../../admin/refusal.ts';
import { Unavailable } from '../../../protocol/errors.ts';
import { toFailure } from '../../errors.ts';
import { html } from '../../pages/html.ts';
import type { Drawn, Sheet } from './layout.ts';
import { drawProblem } from './pages/sign-in.ts';

export type Reply = (
  | { readonly kind: 'sheet'; readonly sheet: Sheet; readonly error?: unknown }
  | { readonly kind: 'redirect'; readonly to: string }
) & {
  readonly cookie?: string | undefined;
  /** Name and value of further ones. */
  readonly headers?: Readonly<Record<string, string>>;
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'This cannot be',
  403: 'Not allowed',
  404: 'There is nothing here',
  409: 'Not as things are',
  412: 'Changed in the meantime',
  429: 'Too many wrong tokens',
  503: 'Not at the moment',
};

const titleOf = (status: number): string => TITLES[status] ?? 'This did not work';

const UNAVAILABLE =
  'What this page needs does not answer: the store, as a rule. The overview says what is missing, and /readyz the same. Nothing was changed.';

/** For anything that an operation, or the reading of a request, throws. */
export function toReply(error: unknown, requestId: string): Reply {
  if (error instanceof AdminRefusal) {
    return problem(ADMIN_ERRORS[error.code], error.message);
  }
  const { status, description, headers } = toFailure(error, requestId);
  const names = headers.filter((_, index) => index % 2 === 0);
  const own = Object.fromEntries(names.map((name, index) => [name, headers[index * 2 + 1] ?? '']));
  if (error instanceof Unavailable) return { ...problem(503, UNAVAILABLE), headers: own };
  const text =
    status === 500 ? 'Something went wrong here; the log of the issuer tells what.' : description;
  return { ...problem(status, text), headers: own, error };
}

export const problem = (status: number, text: string): Extract<Reply, { kind: 'sheet' }> => ({
  kind: 'sheet',
  sheet: drawProblem({ status, title: titleOf(status), text: html`${text}` }),
});

// Under `no-referrer` a browser sends our own forms with `Origin: null` (Fetch §3.2).
const HEADERS = { 'Cache-Control': 'no-store', 'Referrer-Policy': 'same-origin' } as const;

export function send(response: ServerResponse, reply: Reply, draw: (sheet: Sheet) => Drawn): void {
  const { cookie, headers = {} } = reply;
  for (const [name, value] of Object.entries({ ...HEADERS, ...headers })) {
    response.setHeader(name, value);
  }
  if (cookie !== undefined) response.setHeader('Set-Cookie', cookie);
  if (reply.kind === 'redirect') {
    response.writeHead(303, { Location: reply.to, 'Content-Length': 0 }).end();
    return;
  }
  const { status, body, policy } = draw(reply.sheet);
  response
    .writeHead(status, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      'Content-Security-Policy': policy,
    })
    .end(body);
}
