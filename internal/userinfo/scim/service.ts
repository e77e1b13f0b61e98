// A SCIM service over HTTP (RFC 7644): what is asked, and what counts as an answer.

import * as z from 'zod';
import type { Outbound, OutboundAnswer } from '../../outbound/outbound.ts';
import type { Subject } from '../../protocol/ids.ts';
import { readAnswer } from '../remote-answer.ts';
import { parseJson } from '../remote-claims.ts';
import { malformed, SourceError } from '../source-error.ts';
import { parseSubjectUrl } from '../subject-url.ts';
import type { ReadToken } from './token.ts';

export type ServiceTerms = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly authorize: ReadToken;
  readonly outbound: Outbound;
  readonly timeout: number;
};

export type Service = {
  /** Resources that a filter finds, of which at most `most` are wanted; throws for more. */
  search(
    kind: 'Users' | 'Groups',
    filter: string,
    most: number,
    signal: AbortSignal,
  ): Promise<readonly unknown[]>;
  /** Undefined where the service says that there is none. */
  get(id: Subject, signal: AbortSignal): Promise<unknown>;
};

const MAX_BODY = 1024 * 1024;
const JSON_TYPE = /^application\/(?:scim\+)?json *(?:;|$)/i;
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

const LIST = z.looseObject({
  totalResults: z.int().min(0),
  Resources: z.array(z.unknown()).nullish(),
});

const PROBLEM = z.looseObject({
  schemas: z.array(z.string()).refine((all) => all.includes(ERROR)),
});

export function createService({ url, authorize, outbound, timeout }: ServiceTerms): Service {
  const toUser = parseSubjectUrl(`${url}/Users/{sub}`);

  async function request(target: string, signal: AbortSignal): Promise<OutboundAnswer> {
    const send = (fields: Readonly<Record<string, string>>) =>
      outbound({
        url: target,
        headers: { accept: 'application/scim+json, application/json', ...fields },
        ...{ timeout, maxBytes: MAX_BODY, signal },
      });
    const fields = await authorize();
    const answer = await send(fields);
    if (answer.status !== 401) return answer;
    // A token may have been revoked before its time: asked once more with another, if there is one.
    const others = await authorize(fields);
    return others['authorization'] === fields['authorization'] ? answer : send(others);
  }

  return {
    async search(kind, filter, most, signal) {
      const query = new URLSearchParams({ filter, startIndex: '1', count: String(most + 1) });
      const answer = await request(`${url}/${kind}?${query}`, signal);
      const list = LIST.safeParse(readTree(answer));
      if (!list.success) throw malformed('the answer is not a list of SCIM');
      const { totalResults, Resources } = list.data;
      const found = Resources ?? [];
      if (totalResults > most || found.length > most) {
        throw most === 1
          ? new SourceError('ambiguous', 'more than one resource is found')
          : new SourceError('too_large', `more than ${most} ${kind}`);
      }
      if (found.length < totalResults) throw malformed('the answer is only a part of the list');
      return found;
    },
    async get(id, signal) {
      const target = toUser(id);
      if (target === undefined) return undefined;
      const answer = await request(target, signal);
      return isNotFound(answer) ? undefined : readTree(answer);
    },
  };
}

// A 404 of a gateway, or of an address that is wrong, would make everybody unknown: it has to be an
// error of SCIM (RFC 7644 §3.12).
function isNotFound(answer: OutboundAnswer): boolean {
  if (answer.status !== 404) return false;
  return PROBLEM.safeParse(readTree({ ...answer, status: 200 })).success;
}

function readTree(answer: OutboundAnswer): unknown {
  const body = answer.status === 404 || answer.status === 410 ? undefined : readAnswer(answer);
  if (body === undefined) {
    throw new SourceError('refused', `answered with status ${answer.status}`);
  }
  if (!JSON_TYPE.test(answer.headers['content-type'] ?? '')) {
    throw malformed('the answer is not of a JSON media type');
  }
  return parseJson(body);
}
