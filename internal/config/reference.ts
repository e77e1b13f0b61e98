// docs/configuration.md: every option with its variable, its default and what it is for.

import { configSchema } from './config.ts';
import { listOptions, type Option, variableOf } from './options.ts';
import { toYaml } from './yaml-text.ts';

const HEAD = `# Configuration

Made by \`npm run docs\` from \`internal/config\`; do not edit. The same options, annotated, are in
[config/asteroid.yaml](../config/asteroid.yaml); clients are described in [clients.md](clients.md).

\`\`\`sh
asteroid serve --config base.yaml --config production.yaml
asteroid check --config base.yaml --config production.yaml
\`\`\`

- **Several files** are merged in the order given: maps merge, everything else is replaced.
- **Environment variables** override any option that has one in the tables below. Text is taken as it
  is, everything else is YAML: \`ASTEROID_UPSTREAM_TRUST_PEERS='[10.0.0.5/32]'\`. Lists replace. Unknown
  \`ASTEROID_\` variables are warned about, those that Kubernetes makes for Services are ignored, and
  those that change \`upstream.trust\` are logged by name.
- **Names of files** are relative to the file that names them; in environment variables to the working
  directory. Options that end in \`_file\` name a file whose content is meant; one line end at its end
  does not count. Relative sockets belong below \`RUNTIME_DIRECTORY\` where that is set.
- **Lengths of time** are a number and a unit: \`500ms\`, \`30s\`, \`5m\`, \`8h\`, \`30d\`.
- **YAML** is read strictly: no anchors, merge keys, tags, duplicate or unknown keys, tabs, or numbers
  that YAML reads otherwise than they are written. Files are UTF-8 and at most 1 MiB.
- **Every problem** is printed at once as \`file:line: key: problem\`, and the exit code is 78.
- \`null\` at an attribute of \`upstream.headers\` keeps the preset from reading that header, \`null\` at a URL of
  \`upstream\` from sending anybody there.

Other variables: \`ASTEROID_CLIENT_SECRET_<ID>\` ([clients.md](clients.md)), \`ASTEROID_KEYS_SECRET\` (the secret
itself, in place of \`keys.secret_file\`), \`ASTEROID_DEV_EXPOSE=1\` (lets \`asteroid dev\` listen beyond loopback),
\`ASTEROID_DEV_TOKEN\` (who knows it may drive \`asteroid dev\`: [control.md](control.md)),
\`RUNTIME_DIRECTORY\`.
`;

/** The text of docs/configuration.md. */
export function renderReference(): string {
  const options = listOptions(configSchema);
  const tops = options.filter(({ path }) => path.length === 1);
  const parts = tops.map((top) => {
    const inside = options.filter(({ path, isSection }) => path[0] === top.path[0] && !isSection);
    return `\n## ${top.path[0]}\n\n${top.description}.\n\n${renderTable(inside)}`;
  });
  return `${HEAD}${parts.join('')}`;
}

const renderTable = (options: readonly Option[]): string =>
  ['| Option | Default | Values | |', '|---|---|---|---|', ...options.map(renderRow), ''].join(
    '\n',
  );

function renderRow(option: Option): string {
  const variable = variableOf(option);
  const name = `\`${printOption(option)}\`${variable === undefined ? '' : `<br>\`${variable}\``}`;
  const standard = option.default === undefined ? '–' : `\`${cell(toYaml(option.default))}\``;
  return `| ${name} | ${standard} | ${cell(option.values)} | ${cell(option.description)} |`;
}

const printOption = ({ path }: Option): string => path.join('.').replaceAll('.[]', '[]');

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
