// What became of a request, as an assertion wants it: a status, and the error if there is one, wherever in
// the answer it stands.

import type { ProtocolResponse } from '../oidc/endpoint.ts';

export type Outcome = { readonly status: number; readonly error?: string | undefined };

/**
 * As it reaches the client.
 *
 * @param recorded what the domain put on record, for where the answer is signed and says it inside.
 */
export function toOutcome(response: ProtocolResponse, recorded: string | undefined): Outcome {
  switch (response.kind) {
    case 'json':
      return { status: response.status, error: textOf(Object.entries(response.body)) };
    case 'text':
      return { status: response.status };
    case 'redirect':
      return { status: 303, error: errorOf(queryOf(response.location), recorded) };
    case 'form_post':
      return { status: 200, error: errorOf(Object.entries(response.fields), recorded) };
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

/** JARM §2: then all of it is in the one parameter. */
function errorOf(
  fields: Iterable<readonly [string, string]>,
  recorded: string | undefined,
): string | undefined {
  const members = [...fields];
  const isSigned = members.some(([name]) => name === 'response');
  return isSigned ? recorded : textOf(members);
}

function textOf(members: Iterable<readonly [string, unknown]>): string | undefined {
  const error = new Map(members).get('error');
  return typeof error === 'string' ? error : undefined;
}

/** Of a URI whose scheme may be an application's own. */
const queryOf = (location: string): URLSearchParams =>
  new URLSearchParams(/\?([^#]*)/.exec(location)?.[1] ?? '');
