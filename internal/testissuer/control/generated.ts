// The control API as it is read without running it: the description, and the table for people.

import * as z from 'zod';
import { BASE } from './base.ts';
import { describeOperations } from './openapi.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './table.ts';

/** File name from the root of the project → text. */
export const renderControlFiles = (): ReadonlyMap<string, string> =>
  new Map([
    [
      'config/control.openapi.json',
      `${JSON.stringify(describeOperations(OPERATIONS), undefined, 2)}\n`,
    ],
  ]);

const HEAD = ['| | | for example | answers | |', '|---|---|---|---|---|'];

/** What stands between the markers of docs/control.md. */
const renderOperationTable = (): string =>
  [`Below \`${BASE}\`:`, '', ...HEAD, ...OPERATIONS.map(renderRow)].join('\n');

const renderRow = ({ method, path, body, answer, status, says }: Operation): string =>
  [
    '',
    ...[method, `\`${path}\``, exampleOf(body), `${status} ${membersOf(answer)}`.trim(), says],
    '',
  ]
    .map((cell) => (cell === '' ? cell : ` ${cell} `))
    .join('|');

function exampleOf(shape: z.ZodType | undefined): string {
  const examples = shape === undefined ? undefined : z.globalRegistry.get(shape)?.['examples'];
  return Array.isArray(examples) ? `\`${JSON.stringify(examples[0])}\`` : '';
}

/** Its members, where it has some of its own. */
const membersOf = (shape: z.ZodType | undefined): string =>
  shape instanceof z.ZodObject
    ? Object.keys(shape.shape)
        .map((name) => `\`${name}\``)
        .join(', ')
    : '';

const BEGIN = '<!-- operations -->';
const END = '<!-- /operations -->';

/** The page with the table of this moment between its markers. */
export function putOperationTable(page: string): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  return `${before}${BEGIN}\n\n${renderOperationTable()}\n\n${END}${after}`;
}
