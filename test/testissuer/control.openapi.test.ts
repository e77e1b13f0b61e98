import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import {
  putOperationTable,
  renderControlFiles,
} from '../../internal/testissuer/control/generated.ts';
import { OPERATIONS } from '../../internal/testissuer/control/table.ts';
import { DESCRIPTION, expectValid, startControl } from '../support/control.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string): Promise<string> => readFile(path.join(ROOT, file), 'utf8');

const described = Object.entries(DESCRIPTION.paths).flatMap(([target, item]) =>
  Object.entries(item)
    .filter(([method]) => method !== 'parameters')
    .map(([method, operation]) => ({ target, method: method.toUpperCase(), operation })),
);

describe('the description of the control API (O20)', () => {
  it('is what npm run docs writes, and so is the table for people', async () => {
    for (const [file, text] of renderControlFiles()) expect(await read(file)).toBe(text);
    const page = await read('docs/control.md');
    expect(page).toBe(putOperationTable(page));
  });

  it('is OpenAPI 3.1 without an error', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(DESCRIPTION));

    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('is found wrong by the same validator when it is', async () => {
    const { info: _info, ...broken } = structuredClone(DESCRIPTION);

    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it('has every operation, by names that are there once', () => {
    const all = described.map(({ target, method }) => `${method} ${target}`);

    expect(all.toSorted()).toEqual(
      OPERATIONS.map(({ method, path: target }) => `${method} ${target}`).toSorted(),
    );
    expect(new Set(described.map(({ operation }) => operation.operationId)).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(20);
  });

  it('has examples that are what they are examples of', () => {
    const { schemas } = DESCRIPTION['components'] as { readonly schemas: object };
    const examples = Object.entries(schemas).flatMap(([name, { examples: found = [] }]) =>
      found.map((example: unknown) => [name, example] as const),
    );

    expect(examples.length).toBeGreaterThanOrEqual(8);
    for (const [name, example] of examples) {
      expectValid(`control#/components/schemas/${name}`, example);
    }
  });

  it('wants the token for everything, and tells no other way in', () => {
    expect(DESCRIPTION['security']).toEqual([{ token: [] }]);
    for (const { operation } of described) expect(operation['security']).toBeUndefined();
  });

  it('is what a running issuer answers', async () => {
    const { grant } = await startControl();

    expect(await grant('GET', '/openapi.json')).toEqual(DESCRIPTION);
  });
});
