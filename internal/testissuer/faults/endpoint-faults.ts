// What may be wrong with the answer of any endpoint that programs call: HTTP, and not yet OAuth.

import type { ProtocolResponse } from '../../oidc/endpoint.ts';
import type { StepName } from '../api.ts';
import { type Asked, type FaultEntry, fault, type Tools } from './entry.ts';
import { ELSEWHERE } from './jwt-faults.ts';
import {
  errorCode,
  flag,
  headerText,
  optionalStatus,
  optionalText,
  status,
  uri,
  waiting,
  wholeSeconds,
} from './parameters.ts';

type Text = Extract<ProtocolResponse, { readonly kind: 'text' }>;

const JSON_TYPE = 'application/json';

const page = (title: string): string =>
  `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;

const html = (code: number, title: string, headers: Text['headers'] = {}): ProtocolResponse => ({
  kind: 'text',
  status: code,
  mediaType: 'text/html; charset=utf-8',
  body: page(title),
  headers,
});

/** Those that come with the time after which to ask again (RFC 9110 §15.6.4, RFC 6585 §4). */
const ASK_AGAIN: ReadonlySet<number> = new Set([429, 503]);

function retryAfter(code: number, after: number | undefined): Readonly<Record<string, string>> {
  const said = after ?? (ASK_AGAIN.has(code) ? 1 : undefined);
  return said === undefined ? {} : { 'Retry-After': String(said) };
}

/** What was answered as the bytes it would have been; undefined for what has no body of this kind. */
function toText(response: ProtocolResponse): Text | undefined {
  if (response.kind === 'text') return response;
  if (response.kind !== 'json') return undefined;
  const { status: code, body, headers } = response;
  const shared = { kind: 'text', status: code, mediaType: JSON_TYPE } as const;
  return { ...shared, body: JSON.stringify(body), ...(headers === undefined ? {} : { headers }) };
}

const hasText = (response: ProtocolResponse): boolean => toText(response) !== undefined;

const carriedOut = flag(
  'whether the request is carried out all the same, and its answer lost',
  false,
);

/** Whatever would have been answered, or refused, is lost. */
async function loseAnswer({ carryOut, request }: Asked): Promise<void> {
  try {
    await carryOut(request);
  } catch {
    // Nobody hears of it.
  }
}

const always = (): boolean => true;

/** Ends without the answer of the endpoint. */
const instead = (
  carried_out: boolean,
  answer: () => ProtocolResponse,
): ReturnType<FaultEntry['make']> => ({
  kind: 'request',
  fits: always,
  act: async (asked) => {
    if (carried_out) await loseAnswer(asked);
    return answer();
  },
});

const withoutAnswer = (step: StepName, name: string) => ({
  status: fault({
    does: `${name} answers with a status and a page of HTML, as a proxy in front of it would.`,
    tests:
      'the status is looked at before the body; 429 and 503 are asked again, not before `Retry-After` (RFC 9110 §15.6.4, RFC 6585 §4)',
    steps: [step],
    with: {
      status: status('the HTTP status', 500),
      retry_after: wholeSeconds('`Retry-After`; 1 for 429 and 503, absent for others', undefined),
      carried_out: carriedOut,
    },
    make: ({ status: code, retry_after, carried_out }) =>
      instead(carried_out, () => html(code, String(code), retryAfter(code, retry_after))),
  }),
  slow: fault({
    does: `${name} takes its time.`,
    tests: 'other work goes on, and what is late is still good',
    steps: [step],
    with: { seconds: waiting('how long it waits before it begins, by the clock on the wall', 3) },
    make: ({ seconds: late }, { wait }) => ({
      kind: 'request',
      fits: always,
      act: async ({ request }) => {
        await wait(late);
        return request;
      },
    }),
  }),
  timeout: fault({
    does: `${name} never answers: the connection stays open until the client gives up, or the issuer stops.`,
    tests: 'the client has a time limit of its own',
    steps: [step],
    with: { carried_out: carriedOut },
    make: ({ carried_out }, { silence }) => instead(carried_out, () => silence('late')),
  }),
  reset: fault({
    does: `${name} ends the connection instead of answering.`,
    tests:
      'a lost answer is no refusal; with `carried_out`, that asking again does no harm (RFC 9700 §4.14.2)',
    steps: [step],
    with: { carried_out: carriedOut },
    make: ({ carried_out }, { silence }) => instead(carried_out, () => silence('now')),
  }),
});

const withStrangeBody = (step: StepName, name: string) => ({
  html: fault({
    does: `${name} answers with a page of HTML, as the network of a hotel would.`,
    tests: 'a body is not parsed for what it is not (RFC 9110 §8.3)',
    steps: [step],
    with: { status: status('the HTTP status', 200) },
    make: ({ status: code }) => instead(false, () => html(code, 'Welcome')),
  }),
  redirect: fault({
    does: `${name} sends the client elsewhere (303).`,
    tests: 'no redirect is followed with what is secret (RFC 9110 §15.4)',
    steps: [step],
    with: { to: uri('`Location`; nobody can have a name that ends in .invalid', `${ELSEWHERE}/`) },
    make: ({ to }) => instead(false, () => ({ kind: 'redirect', location: to })),
  }),
});

const withSpoiltBody = (step: StepName, name: string) => ({
  truncated: fault({
    does: `${name} answers with the first half of its answer; the length fits.`,
    tests: 'what cannot be parsed is a failure, and never an empty answer',
    steps: [step],
    with: {},
    make: () => ({
      kind: 'answer',
      fits: hasText,
      alter: (response) => {
        const whole = toText(response);
        if (whole === undefined) return response;
        return { ...whole, body: whole.body.slice(0, Math.floor(whole.body.length / 2)) };
      },
    }),
  }),
  content_type: fault({
    does: `${name} says that its answer is something else.`,
    tests: '`Content-Type` is what it has to be (RFC 6749 §5.1, OIDC Core §5.3.2)',
    steps: [step],
    with: { content_type: headerText('what it says', 'text/plain') },
    make: ({ content_type: mediaType }) => ({
      kind: 'answer',
      fits: hasText,
      alter: (response) => {
        const whole = toText(response);
        return whole === undefined ? response : { ...whole, mediaType };
      },
    }),
  }),
});

/** Of an endpoint whose answers have no body. @param name for people. */
export const bodilessFaults = (step: StepName, name: string) => ({
  ...withoutAnswer(step, name),
  ...withStrangeBody(step, name),
});

/** @param name of the endpoint, for people. */
export const endpointFaults = (step: StepName, name: string) => ({
  ...bodilessFaults(step, name),
  ...withSpoiltBody(step, name),
});

/** How a refusal of a client's credentials, or of its token, is announced (RFC 6749 §5.2, RFC 6750 §3). */
function challenge(step: StepName, error: string, issuerUrl: string): string {
  const realm = `realm="${issuerUrl}"`;
  return step === 'userinfo' ? `Bearer ${realm}, error="${error}"` : `Basic ${realm}`;
}

const errorStatus = (error: string): number =>
  error === 'invalid_client' || error === 'invalid_token' ? 401 : 400;

const refuse = (
  step: StepName,
  { error, description, code }: Refused,
  { issuerUrl }: Pick<Tools, 'issuerUrl'>,
): ProtocolResponse => ({
  kind: 'json',
  status: code,
  body: { error, ...(description === undefined ? {} : { error_description: description }) },
  headers: {
    ...retryAfter(code, undefined),
    ...(code === 401 ? { 'WWW-Authenticate': challenge(step, error, issuerUrl()) } : {}),
  },
});

type Refused = {
  readonly error: string;
  readonly description: string | undefined;
  readonly code: number;
};

/** @param error that is usual there. */
export const refusal = (step: StepName, name: string, error: string): FaultEntry =>
  fault({
    does: `${name} refuses as the standard says, with any error code.`,
    tests:
      'the code decides what comes next, the text is for people (RFC 6749 §5.2, RFC 6750 §3.1)',
    steps: [step],
    with: {
      error: errorCode('the error code', error),
      error_description: optionalText('the text beside it', undefined),
      status: optionalStatus(
        'the HTTP status; 401 for `invalid_client` and `invalid_token`, else 400',
        undefined,
      ),
    },
    make: ({ error: code, error_description: description, status: http }, tools) => {
      const refused = { error: code, description, code: http ?? errorStatus(code) };
      return instead(false, () => refuse(step, refused, tools));
    },
  });
