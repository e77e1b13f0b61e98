// What an honest proxy sends, byte for byte, and what a sender gets out of Asteroid with it.

import { CLIENT_SECRET, type Program, REDIRECT_URI, UPSTREAM_SECRET } from '../support/program.ts';
import { openRaw, type RawAnswer, type RawTarget } from '../support/raw-http.ts';
import { basic, encodeQuery, type Query } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

export const HOST = 'Host: sso.example';
export const FORM = 'Content-Type: application/x-www-form-urlencoded';
export const SECRET = `X-Asteroid-Upstream-Secret: ${UPSTREAM_SECRET}`;
export const APP = basic('app', CLIENT_SECRET);

export const user = (name: string): string => `X-Authenticated-User: ${name}`;
export const ALICE = user('alice');

const REQUEST = {
  client_id: 'app',
  redirect_uri: REDIRECT_URI,
  response_type: 'code',
  scope: 'openid profile email groups',
  state: 'state-of-the-client',
};

/** The query of an authorization request. */
export const query = (different: Query = {}): string => encodeQuery({ ...REQUEST, ...different });

/** Its request line. */
export const authorize = (different: Query = {}): string =>
  `GET /authorize?${query(different)} HTTP/1.1`;

/** Everything that the proxy says about alice, with what it may say beside. */
export const honest = (...more: readonly string[]): readonly string[] => [
  authorize(),
  HOST,
  SECRET,
  ALICE,
  ...more,
];

/** The same without the proof of the proxy. */
export const unproven = (...more: readonly string[]): readonly string[] => [
  authorize(),
  HOST,
  ...more,
];

/** The answer to exactly these lines, on a connection of its own. */
export async function ask(
  target: RawTarget,
  lines: readonly string[],
  body = '',
): Promise<RawAnswer> {
  const connection = await openRaw(target);
  connection.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  const head = lines[0]?.startsWith('HEAD ') ?? false;
  const answer = await connection.next({ head });
  connection.destroy();
  return answer;
}

/** The lines of a form, and the form. */
function post(target: string, fields: Query, ...lines: readonly string[]) {
  const body = encodeQuery(fields);
  return {
    lines: [`POST ${target} HTTP/1.1`, HOST, FORM, `Content-Length: ${body.length}`, ...lines],
    body,
  };
}

export async function submit(
  target: RawTarget,
  path: string,
  fields: Query,
  ...more: readonly string[]
): Promise<RawAnswer> {
  const { lines, body } = post(path, fields, ...more);
  return ask(target, lines, body);
}

/** A code anywhere in the answer: in a header or in the text of a page. */
export const codeOf = ({ lines, body }: RawAnswer): string | undefined =>
  /\bac_[\w-]+\.[\w-]+/.exec([...lines, body].join('\n'))?.[0];

/** The parameters of a redirect. */
export const redirected = ({ headers }: RawAnswer): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(headers['location']?.split('?')[1] ?? ''));

export type Tokens = {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
};

/** What the client makes of the code, or of any other grant. */
export async function redeem(
  target: RawTarget,
  code: string,
  ...more: readonly string[]
): Promise<Tokens> {
  const fields = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
  const { body } = await submit(target, '/token', fields, `Authorization: ${APP}`, ...more);
  return JSON.parse(body);
}

export const refresh = (target: RawTarget, token: string): Promise<RawAnswer> =>
  submit(
    target,
    '/token',
    { grant_type: 'refresh_token', refresh_token: token },
    `Authorization: ${APP}`,
  );

/** The whole way from the proxy's word to tokens. */
export async function signIn(program: Program, lines = honest()): Promise<Tokens> {
  const code = codeOf(await ask(program.public, lines));
  if (code === undefined) throw new Error('no code');
  return redeem(program.public, code);
}

export type Outcome = {
  readonly status: number;
  /** Who the sender is now signed in as, if anybody. */
  readonly subject: unknown;
  /** Why not, as the log says. */
  readonly reason: unknown;
};

/** What an attempt to sign in comes to. @param target the public listener when absent. */
export async function attempt(
  program: Program,
  lines: readonly string[],
  { target = program.public, body = '' }: { target?: RawTarget; body?: string } = {},
): Promise<Outcome> {
  return outcomeOf(program, await ask(target, lines, body));
}

export async function outcomeOf(program: Program, answer: RawAnswer): Promise<Outcome> {
  const code = codeOf(answer);
  const tokens = code === undefined ? undefined : await redeem(program.public, code);
  return {
    status: answer.status,
    subject: tokens === undefined ? undefined : claimsOf(tokens.id_token)['sub'],
    reason: lineOf(program, answer)?.['reason'],
  };
}

/** The access log's line about this request. */
export const lineOf = ({ logged }: Program, { headers }: RawAnswer) =>
  logged().find(
    ({ msg, request_id }) => msg === 'request' && request_id === headers['x-request-id'],
  );

export const SIGNED_IN: Outcome = { status: 303, subject: 'alice', reason: undefined };

export const refused = (status: number, reason?: string): Outcome => ({
  status,
  subject: undefined,
  reason,
});
