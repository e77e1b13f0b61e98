// The catalogue as people read it: the tables of docs/faults.md.

import type { FaultName } from '../api.ts';
import type { FaultEntry } from './entry.ts';
import type { Shape } from './parameters.ts';
import { FAULT_NAMES, FAULTS } from './table.ts';

/** What the names of a table begin with, and what it is about. */
const TABLES: readonly { readonly title: string; readonly begins: RegExp }[] = [
  { title: 'The authorization response', begins: /^authorization\./ },
  { title: 'The ID Token', begins: /^id_token\./ },
  { title: 'The access token', begins: /^access_token\./ },
  { title: 'The logout token', begins: /^logout_token\./ },
  { title: 'Clocks and keys', begins: /^(?:clock|keys)\./ },
  { title: 'Strictness', begins: /^(?:pkce|redirect_uri|code|refresh_token)\./ },
  { title: 'The metadata', begins: /^discovery\./ },
  { title: 'The JWKS', begins: /^jwks\./ },
  { title: 'The token endpoint', begins: /^token\./ },
  { title: 'UserInfo', begins: /^userinfo\./ },
  { title: 'Introspection', begins: /^introspect\./ },
  { title: 'Revocation', begins: /^revoke\./ },
  { title: 'Pushed authorization requests', begins: /^push\./ },
  { title: 'Device authorization', begins: /^deviceAuthorization\./ },
];

const BEGIN = '<!-- the catalogue: made by `npm run docs` -->';
const END = '<!-- the end of the catalogue -->';

/** The page, with the tables of this catalogue between the two marks. */
export function renderReference(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined)
    throw new Error('docs/faults.md has lost its marks');
  return `${before}${BEGIN}\n\n${renderTables()}\n${END}${after}`;
}

const renderTables = (): string =>
  TABLES.map(({ title, begins }) => {
    const rows = FAULT_NAMES.filter((name) => begins.test(name)).map(renderRow);
    return `### ${title}\n\n| fault | what happens | what of a client it tests | \`with\` |\n|---|---|---|---|\n${rows.join('')}`;
  }).join('\n');

function renderRow(name: FaultName): string {
  const { does, tests, lax, with: shape } = FAULTS[name];
  const marked = lax ? `**Lax.** ${does}` : does;
  return `| \`${name}\` | ${marked} | ${tests} | ${renderShape(shape)} |\n`;
}

const renderShape = (shape: FaultEntry['with']): string =>
  Object.entries(shape)
    .map(([name, { says, fallback }]) => `\`${name}\`: ${says}${renderFallback(fallback)}`)
    .join('; ');

const renderFallback = (fallback: Shape[string]['fallback']): string =>
  fallback === undefined ? '' : ` (\`${JSON.stringify(fallback)}\`)`;
