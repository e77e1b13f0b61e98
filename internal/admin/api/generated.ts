// The Admin API as it is read without running it: the description, and the table for people.

import { describeApi } from './openapi.ts';
import { type AdminOperation, BASE } from './operation.ts';
import { OPERATIONS } from './table.ts';

/** File name from the root of the project → text. */
export const renderApiFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['config/admin.openapi.json', `${JSON.stringify(describeApi(OPERATIONS), undefined, 2)}\n`],
  ]);

const HEAD = ['| | | role | answers | |', '|---|---|---|---|---|'];

const renderRow = ({ method, path, role, status, says }: AdminOperation): string =>
  `| ${method} | \`${path}\` | ${role} | ${status} | ${says} |`;

const BEGIN = '<!-- operations -->';
const END = '<!-- /operations -->';

/** The page with the table of this moment between its markers. */
export function putOperationTable(page: string): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  const table = [`Below \`${BASE}\`:`, '', ...HEAD, ...OPERATIONS.map(renderRow)].join('\n');
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
}
