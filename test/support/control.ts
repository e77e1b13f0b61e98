// A test issuer and its control API over loopback, as `asteroid dev` has it, and a caller that holds
// every answer against the description that programs read.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, expect } from 'vitest';
import { createOperations } from '../../internal/admin/operations.ts';
import { createAdminApp } from '../../internal/http/admin.ts';
import { listen } from '../../internal/http/listen.ts';
import { buildTable } from '../../internal/http/routes.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import type { TestIssuerOptions } from '../../internal/testissuer/api.ts';
import { createControl } from '../../internal/testissuer/control/control.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';
import { startAdmin } from '../unit/admin.fixture.ts';

const FILE = path.resolve(import.meta.dirname, '../../config/control.openapi.json');

type Json = { readonly [member: string]: unknown };

type Described = Json & {
  readonly operationId: string;
  readonly requestBody?: Json;
  readonly responses: { readonly [status: string]: Json & { readonly $ref?: string } };
};

/** The committed description. */
export const DESCRIPTION: Json & {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Described } };
} = JSON.parse(readFileSync(FILE, 'utf8'));

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(DESCRIPTION, 'control');

const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const TOKEN = 'the-token-of-this-test-0123456789';

/** Whatever a test says of it. */
type Parsed = ReturnType<typeof JSON.parse>;

type Answer = { readonly status: number; readonly json: Parsed };

type Caller = {
  readonly url: string;
  /** The operations that were asked for so far. */
  readonly asked: ReadonlySet<string>;
  readonly log: () => string;
  /** Fails where the answer, or a request that was granted, is not what the description says. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same, for what has to be granted; answers its JSON. */
  grant(method: string, path: string, body?: unknown): Promise<Parsed>;
};

/** Its issuer has to be asked for by `/issuers/root`, or by what `POST /issuers` answers. */
export async function startControl(options: TestIssuerOptions = {}): Promise<Caller> {
  const root = await startTestIssuer(options);
  ends.push(root.stop);
  let log = '';
  const write = (line: string): void => {
    log += line;
  };
  const app = createAdminApp({
    ready: async () => [],
    draining: () => false,
    isOutdated: () => false,
    log: createLog({ level: 'info', format: 'json', destination: { write } }),
    operator: {
      operations: createOperations(startAdmin()),
      issuerUrl: root.url,
      declared: () => [],
      table: buildTable(root.url, 'all'),
      control: createControl(() => root, TOKEN),
    },
  });
  const listener = await listen(app, { address: { kind: 'tcp', host: '127.0.0.1', port: 0 } });
  ends.push(() => listener.drain(0));
  const url = `${listener.name}/dev/v1`;
  const asked = new Set<string>();
  const ask: Caller['ask'] = async (method, target, body) => {
    const response = await fetch(`${url}${target}`, {
      method,
      headers: {
        Authorization: `Bearer ${TOKEN}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text === '' ? undefined : JSON.parse(text);
    const found = findOperation(method, target);
    if (found !== undefined) asked.add(found.operation.operationId);
    if (found !== undefined) holdAgainst(found, { status: response.status, json }, body);
    return { status: response.status, json };
  };
  const grant: Caller['grant'] = async (method, target, body) => {
    const { status, json } = await ask(method, target, body);
    expect(status, `${method} ${target}: ${JSON.stringify(json)}`).toBeLessThan(300);
    return json;
  };
  return { url, asked, log: () => log, ask, grant };
}

type Found = { readonly pointer: string; readonly operation: Described };

/** Undefined for what is not described. */
function findOperation(method: string, target: string): Found | undefined {
  for (const [template, item] of Object.entries(DESCRIPTION.paths)) {
    const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    const operation = item[method.toLowerCase()];
    if (!pattern.test(target) || operation === undefined) continue;
    const escaped = template.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D');
    return { pointer: `control#/paths/${escaped}/${method.toLowerCase()}`, operation };
  }
  return undefined;
}

const CONTENT = 'content/application~1json/schema';

function holdAgainst({ pointer, operation }: Found, { status, json }: Answer, body: unknown) {
  const { responses } = operation;
  const name = String(status) in responses ? String(status) : 'default';
  const response = responses[name];
  const shared = response?.$ref?.replace('#', 'control#');
  const at = shared ?? `${pointer}/responses/${name}`;
  const isEmpty = shared === undefined && response?.['content'] === undefined;
  if (isEmpty) expect(json).toBeUndefined();
  else expectValid(`${at}/${CONTENT}`, json);
  if (status < 300 && body !== undefined) expectValid(`${pointer}/requestBody/${CONTENT}`, body);
}

/** @param pointer into the description. */
export function expectValid(pointer: string, value: unknown): void {
  const validate = ajv.compile({ $ref: pointer });
  const isValid = validate(value);
  expect(isValid, `${pointer}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)}`).toBe(
    true,
  );
}
