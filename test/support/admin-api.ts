// The whole program with an Admin API, and a caller that holds every answer against the description that
// programs read, and looks for what no answer may hold.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { type Metadata, type Program, type ProgramOptions, startProgram } from './program.ts';

const FILE = path.resolve(import.meta.dirname, '../../config/admin.openapi.json');

type Json = { readonly [member: string]: unknown };

type Described = Json & {
  readonly operationId: string;
  readonly responses: { readonly [status: string]: Json & { readonly $ref?: string } };
};

/** The committed description. */
export const DESCRIPTION: Json & {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Described } };
} = JSON.parse(readFileSync(FILE, 'utf8'));

const makeToken = (): string => `adm_${randomBytes(32).toString('base64url')}`;

/** As `asteroid hash --random` prints it. */
export const hashToken = (token: string): string =>
  `$sha256$${createHash('sha256').update(token).digest('base64').replace(/=+$/, '')}`;

export const READER = makeToken();
export const WRITER = makeToken();

export const TOKENS: readonly Metadata[] = [
  { name: 'reader', hash: hashToken(READER), role: 'read' },
  { name: 'writer', hash: hashToken(WRITER), role: 'write' },
];

/** Whatever a test says of it. */
type Parsed = ReturnType<typeof JSON.parse>;

export type Answer = {
  readonly status: number;
  readonly json: Parsed;
  readonly text: string;
  readonly headers: Headers;
};

export type AskOptions = {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type AdminCaller = {
  readonly program: Program;
  readonly url: string;
  /** The operations that were asked for so far. */
  readonly asked: ReadonlySet<string>;
  /** Everything that was answered so far. */
  readonly answers: () => string;
  ask(method: string, target: string, options?: AskOptions): Promise<Answer>;
  /** As somebody whose role is write; for what has to be granted. */
  grant(method: string, target: string, body?: unknown): Promise<Parsed>;
};

export async function startAdminApi(options: ProgramOptions = {}): Promise<AdminCaller> {
  const program = await startProgram({
    ...options,
    config: { admin: { tokens: TOKENS }, ...options.config },
  });
  const target = program.at('admin');
  const url = `http://127.0.0.1:${'port' in target ? target.port : 0}/admin/v1`;
  const asked = new Set<string>();
  let answers = '';
  const ask: AdminCaller['ask'] = async (method, at, { token = WRITER, body, headers } = {}) => {
    const response = await fetch(`${url}${at}`, {
      method,
      headers: {
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    answers += `${text}\n`;
    const json = text === '' ? undefined : JSON.parse(text);
    const found = findOperation(method, at.split('?')[0] ?? '');
    if (found !== undefined) {
      asked.add(found.operation.operationId);
      holdAgainst(found, response.status, json);
    }
    return { status: response.status, json, text, headers: response.headers };
  };
  const grant: AdminCaller['grant'] = async (method, at, body) => {
    const { status, json } = await ask(method, at, { body });
    expect(status, `${method} ${at}: ${JSON.stringify(json)}`).toBeLessThan(300);
    return json;
  };
  return { program, url, asked, answers: () => answers, ask, grant };
}

type Found = { readonly pointer: string; readonly operation: Described };

/** Undefined for what is not described. */
export function findOperation(method: string, target: string): Found | undefined {
  for (const [template, item] of Object.entries(DESCRIPTION.paths)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    const operation = item[method.toLowerCase()];
    if (!pattern.test(target) || operation === undefined) continue;
    const escaped = template.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D');
    return { pointer: `admin#/paths/${escaped}/${method.toLowerCase()}`, operation };
  }
  return undefined;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(DESCRIPTION, 'admin');
const CONTENT = 'content/application~1json/schema';

/** Fails where the answer is not what the description says. */
export function holdAgainst({ pointer, operation }: Found, status: number, json: unknown): void {
  const { responses } = operation;
  const name = String(status) in responses ? String(status) : 'default';
  const response = responses[name];
  const shared = response?.$ref?.replace('#', 'admin#');
  const at = shared ?? `${pointer}/responses/${name}`;
  const isEmpty = shared === undefined && response?.['content'] === undefined;
  if (isEmpty) expect(json).toBeUndefined();
  else expectValid(`${at}/${CONTENT}`, json);
}

export function expectValid(pointer: string, value: unknown): void {
  const validate = ajv.compile({ $ref: pointer });
  const isValid = validate(value);
  expect(isValid, `${pointer}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)}`).toBe(
    true,
  );
}
