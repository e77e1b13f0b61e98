// What may be wrong with an authorization response, whichever way it travels: one function of its
// parameters each. It goes nowhere else than it would have gone without: no fault redirects to where no
// client is.

import type { ProtocolResponse } from '../../oidc/endpoint.ts';
import { encodeFields, type Fields } from '../../oidc/query.ts';
import { parseJwt } from '../../protocol/jwt.ts';
import type { StepName } from '../api.ts';
import { type Act, type FaultEntry, fault } from './entry.ts';
import { ELSEWHERE } from './jwt-faults.ts';
import { optionalText, type Shape, text, type Values } from './parameters.ts';

/** Pages may stand between a request and its answer. */
const STEPS: readonly StepName[] = ['authorize', 'consent', 'account', 'choose'];

const has = (fields: Fields, name: string): boolean => fields.some(([own]) => own === name);

const remove = (fields: Fields, ...names: readonly string[]): Fields =>
  fields.filter(([name]) => !names.includes(name));

const replace = (fields: Fields, name: string, value: string): Fields =>
  fields.map(([own, was]) => [own, own === name ? value : was]);

/** Only where the response has that parameter. */
const response = <Of extends Shape>(
  { of, does, tests }: { readonly of: string; readonly does: string; readonly tests: string },
  shape: Of,
  alter: (fields: Fields, values: Values<Of>) => Fields,
): FaultEntry =>
  fault({
    does,
    tests,
    steps: STEPS,
    with: shape,
    make: (values): Act => ({
      kind: 'authorization',
      fits: (fields) => has(fields, of),
      alter: (fields) => alter(fields, values),
    }),
  });

const STATE = '`state` is that of this browser (RFC 6749 §10.12, RFC 9700 §4.7)';
const ISS = '`iss` is the issuer that was asked (RFC 9207 §2.4, RFC 9700 §4.4)';

export const AUTHORIZATION_FAULTS = {
  'state.dropped': response(
    { of: 'state', does: 'The authorization response has no `state`.', tests: STATE },
    {},
    (fields) => remove(fields, 'state'),
  ),
  'state.changed': response(
    {
      of: 'state',
      does: 'The authorization response has the `state` of another request.',
      tests: STATE,
    },
    { state: text('what `state` says', 'another-state') },
    (fields, { state }) => replace(fields, 'state', state),
  ),
  'iss.missing': response(
    { of: 'iss', does: 'The authorization response does not say who made it.', tests: ISS },
    {},
    (fields) => remove(fields, 'iss'),
  ),
  'iss.wrong': response(
    {
      of: 'iss',
      does: 'The authorization response is that of another issuer (mix-up).',
      tests: ISS,
    },
    { iss: text('what `iss` says', ELSEWHERE) },
    (fields, { iss }) => replace(fields, 'iss', iss),
  ),
  'code.changed': response(
    {
      of: 'code',
      does: 'The authorization response has a code that nobody made.',
      tests: 'a code that the token endpoint refuses signs nobody in (RFC 6749 §5.2)',
    },
    { code: text('what `code` says', 'a-code-that-nobody-made') },
    (fields, { code }) => replace(fields, 'code', code),
  ),
  'code.missing': response(
    {
      of: 'code',
      does: 'The authorization response has neither a code nor an error.',
      tests: 'a response without a code is a failure (RFC 6749 §4.1.2)',
    },
    {},
    (fields) => remove(fields, 'code'),
  ),
  error: response(
    {
      of: 'code',
      does: 'The authorization response is an error, with any code.',
      tests:
        'the error is told to the End-User, and signs nobody in (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6)',
    },
    {
      error: text('the error code', 'access_denied'),
      error_description: optionalText('the text beside it', undefined),
    },
    (fields, { error, error_description: said }) => [
      ['error', error],
      ...(said === undefined ? [] : ([['error_description', said]] as const)),
      ...remove(fields, 'code'),
    ],
  ),
  repeated: response(
    {
      of: 'code',
      does: 'The authorization response says everything twice; where it is in a URL.',
      tests: 'no parameter is there more than once (RFC 6749 §3.1)',
    },
    {},
    (fields) => [...fields, ...fields],
  ),
} satisfies { readonly [name: string]: FaultEntry };

/** Names of what we say; a registered redirect URI may bring parameters of its own. */
const OURS: ReadonlySet<string> = new Set(['code', 'state', 'iss', 'error', 'error_description']);

export const isResponseField = (name: string): boolean => OURS.has(name);

/** What came before the parameters, and which separator they follow. */
type Taken = { readonly before: string; readonly fields: Fields };

function takeApart(location: string): Taken | undefined {
  const mark = location.includes('#') ? '#' : '?';
  const start = location.indexOf(mark);
  if (start < 0) return undefined;
  const pairs = location.slice(start + 1).split('&');
  // Ours follow what was registered (`appendQuery`).
  const first = pairs.findIndex((pair) => isResponseField(pair.split('=', 1)[0] ?? ''));
  if (first < 0) return undefined;
  const own = [location.slice(0, start), pairs.slice(0, first).join('&')];
  const fields = [...new URLSearchParams(pairs.slice(first).join('&'))];
  const before = own[1] === '' ? `${own[0]}${mark}` : `${own[0]}${mark}${own[1]}&`;
  return { before, fields };
}

const isResponse = (fields: Fields): boolean => has(fields, 'code') || has(fields, 'error');

/** The parameters of an authorization response; undefined for everything else, and for a signed one. */
export function readFields(sent: ProtocolResponse): Fields | undefined {
  if (sent.kind !== 'redirect' && sent.kind !== 'form_post') return undefined;
  const fields =
    sent.kind === 'redirect' ? takeApart(sent.location)?.fields : Object.entries(sent.fields);
  return fields !== undefined && isResponse(fields) ? fields : undefined;
}

/** The code that a response hands out, signed or not. */
export function codeOf(sent: ProtocolResponse): string | undefined {
  const code = readFields(sent)?.find(([name]) => name === 'code')?.[1];
  if (code !== undefined || (sent.kind !== 'redirect' && sent.kind !== 'form_post')) return code;
  const signed =
    sent.kind === 'form_post'
      ? sent.fields['response']
      : /[?#&]response=([^&#]+)/.exec(sent.location)?.[1];
  const said = parseJwt(signed ?? '')?.claims['code'];
  return typeof said === 'string' ? said : undefined;
}

/** The same response with other parameters, to where it went anyway. */
export function writeFields(sent: ProtocolResponse, fields: Fields): ProtocolResponse {
  if (sent.kind === 'form_post') return { ...sent, fields: Object.fromEntries(fields) };
  const taken = sent.kind === 'redirect' ? takeApart(sent.location) : undefined;
  if (sent.kind !== 'redirect' || taken === undefined) return sent;
  return { ...sent, location: `${taken.before}${encodeFields(fields)}` };
}
