// What became of a request, as an assertion wants it: a status, and the error if there is one, wherever in
// the answer it stands.

import type { ProtocolResponse } from '../oidc/endpoint.ts';

export type Outcome = { readonly status: number; readonly error?: string | undefined };

/** As it reaches the client. */
export function toOutcome(response: ProtocolResponse): Outcome {
  switch (response.kind) {
    case 'json':
      return { status: response.status, error: textOf(Object.entries(response.body)) };
    case 'text':
      return { status: response.status };
    case 'redirect':
      return { status: 303, error: textOf(queryOf(response.location)) };
    case 'form_post':
      return { status: 200, error: response.fields['error'] };
    case 'page': {
      const { page, status } = response;
      return { status, error: page.kind === 'error' ? page.code : undefined };
    }
    case 'empty':
      return { status: response.status };
    case 'silence':
      return { status: 0 };
    default:
      return response satisfies never;
  }
}

function textOf(members: Iterable<readonly [string, unknown]>): string | undefined {
  const error = new Map(members).get('error');
  return typeof error === 'string' ? error : undefined;
}

/** Of a URI whose scheme may be an application's own. */
const queryOf = (location: string): URLSearchParams =>
  new URLSearchParams(/\?([^#]*)/.exec(location)?.[1] ?? '');
