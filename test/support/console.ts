// The whole program with a console, and a browser without scripts that keeps its cookies.

import { readFile } from 'node:fs/promises';
import { TOKENS } from './admin-api.ts';
import {
  CLIENT_SECRET,
  type Metadata,
  type Program,
  type ProgramOptions,
  REDIRECT_URI,
  startProgram,
  UPSTREAM_SECRET,
} from './program.ts';
import { ask } from './raw-http.ts';

const HOST = 'Host: sso.example';

export type Shown = {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
  /** Where it leads; undefined where it does not. */
  readonly location: string | undefined;
};

export type Visitor = {
  readonly cookies: Map<string, string>;
  open(path: string, headers?: Readonly<Record<string, string>>): Promise<Shown>;
  /** Sends a form as a page of the console would; headers that are empty are left out. */
  send(
    path: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Shown>;
  signIn(token: string, next?: string): Promise<Shown>;
  /** Opens the page that asks, and sends its form. */
  confirm(path: string): Promise<Shown>;
};

export type ConsoleSite = {
  readonly program: Program;
  readonly origin: string;
  visitor(): Visitor;
  /** Members of `admin` in place of those that are in force. */
  reconfigure(admin: Metadata): Promise<void>;
  /** As the proxy vouches for somebody who comes from a client; the code is redeemed. */
  signInAtClient(subject: string, clientId?: string): Promise<void>;
};

export type SiteOptions = ProgramOptions & { readonly admin?: Metadata };

export async function startConsole({
  admin = {},
  ...options
}: SiteOptions = {}): Promise<ConsoleSite> {
  const program = await startProgram({
    ...options,
    config: { admin: { tokens: TOKENS, console: { enabled: true }, ...admin }, ...options.config },
  });
  const origin = toOrigin(program.at('admin'));
  return {
    program,
    origin,
    visitor: () => createVisitor(origin),
    async reconfigure(admin) {
      const { folder } = program;
      const before = JSON.parse(await readFile(folder.configFile, 'utf8'));
      const after = { ...before, admin: { ...before.admin, ...admin } };
      await folder.write('asteroid.yaml', JSON.stringify(after));
      await program.reload();
    },
    async signInAtClient(subject, clientId = 'app') {
      const query = new URLSearchParams({
        ...{ response_type: 'code', client_id: clientId, redirect_uri: REDIRECT_URI },
        ...{ scope: 'openid email', state: 'a state of the client' },
      });
      const asked = await ask(program.public, [
        `GET /authorize?${query} HTTP/1.1`,
        ...[HOST, `X-Asteroid-Upstream-Secret: ${UPSTREAM_SECRET}`],
        `X-Authenticated-User: ${subject}`,
      ]);
      const code = new URL(asked.headers['location'] ?? origin).searchParams.get('code') ?? '';
      const form = new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT_URI,
      });
      const basic = Buffer.from(`${clientId}:${CLIENT_SECRET}`).toString('base64');
      const answer = await ask(program.public, [
        ...['POST /token HTTP/1.1', HOST, `Authorization: Basic ${basic}`],
        ...[
          'Content-Type: application/x-www-form-urlencoded',
          `Content-Length: ${`${form}`.length}`,
        ],
        ...['', `${form}`],
      ]);
      if (answer.status !== 200) throw new Error(`nobody signed in: ${answer.body}`);
    },
  };
}

const toOrigin = (target: object): string =>
  `http://127.0.0.1:${'port' in target ? target.port : 0}`;

/** The `Cookie` header of whoever signed in; empty for nobody. */
export const signInOf = ({ cookies }: Visitor): string =>
  [...cookies]
    .filter(([name]) => !name.includes('-visitor-'))
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');

/** The value of the hidden field of the last form that has it. */
export const fieldOf = ({ body }: Pick<Shown, 'body'>, name: string): string =>
  [...body.matchAll(new RegExp(`name="${name}" value="([^"]*)"`, 'g'))].at(-1)?.[1] ?? '';

/** Of the console at this origin. */
export function createVisitor(origin: string): Visitor {
  const cookies = new Map<string, string>();
  async function ask(path: string, init: RequestInit): Promise<Shown> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${origin}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...init.headers, ...(cookie === '' ? {} : { Cookie: cookie }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location') ?? undefined;
    const { status, headers } = response;
    return { status, headers, location, body: await response.text() };
  }
  const open: Visitor['open'] = (path, headers = {}) => ask(path, { headers });
  const send: Visitor['send'] = (path, form, headers = {}) => {
    const all = Object.entries({ Origin: origin, 'Sec-Fetch-Site': 'same-origin', ...headers });
    const own = Object.fromEntries(all.filter(([, value]) => value !== ''));
    return ask(path, { method: 'POST', body: new URLSearchParams(form), headers: own });
  };
  return {
    ...{ cookies, open, send },
    async signIn(token, next = '') {
      const page = await open('/console/sign-in');
      return send('/console/sign-in', { proof: fieldOf(page, 'proof'), next, token });
    },
    async confirm(path) {
      const page = await open(path);
      const fields = [...page.body.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
      // The first is that of the button for signing out.
      const form = Object.fromEntries(
        fields.map(([, name = '', value = '']) => [name, toPlain(value)]),
      );
      return send(path.split('?')[0] ?? '', form);
    },
  };
}

const ENTITIES = [
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&#96;', '`'],
  ['&amp;', '&'],
] as const;

const toPlain = (text: string): string =>
  ENTITIES.reduce((plain, [entity, character]) => plain.replaceAll(entity, character), text);
