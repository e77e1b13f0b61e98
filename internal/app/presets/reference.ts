// docs/presets.md: every preset, what it reads, what it insists on, and its section of asteroid.yaml.

import { PRESET_NAMES, type PresetName } from '../../protocol/presets.ts';
import { listClaims, listHeaders } from '../../upstream/options.ts';
import { PRESETS } from '../../upstream/presets/table.ts';
import { resolveExample, showPreset } from './show.ts';

const HEAD = `# Presets

Made by \`npm run docs\` from \`internal/upstream/presets\`; do not edit. What presets are and what they cannot do is in
[upstream.md](upstream.md#presets).

\`\`\`sh
asteroid preset list
asteroid preset show nginx-auth-request --config asteroid.yaml
asteroid preset show nginx-auth-request --config asteroid.yaml --proxy caddy --part proxy > Caddyfile
\`\`\`

\`show\` prints the section of asteroid.yaml with everything that the preset fills in, and the proxy's own configuration
made from the same values. Without \`--config\` there are placeholders for what only you know. One configuration of
every proxy is in [deploy/](../deploy).

| preset | reads | groups | insists on | signs in → out | lines for |
|---|---|---|---|---|---|
`;

/** The text of docs/presets.md. */
export const renderReference = (): string =>
  `${HEAD}${PRESET_NAMES.map(renderRow).join('\n')}\n${PRESET_NAMES.map(renderSection).join('')}`;

function renderRow(name: PresetName): string {
  const { proof, urls = {}, lines } = PRESETS[name];
  const { headers, assertion } = resolveExample(name).options;
  const groups = headers === undefined ? assertion.claims.groups : headers.groups?.format;
  const ways = [urls.loginUrl, urls.logoutUrl].map((url) => (url === undefined ? '–' : code(url)));
  const reads =
    headers === undefined
      ? `${code(assertion.header)}, ${assertion.algorithms.join(' or ')}`
      : code(headers.subject.name);
  const cells = [
    code(name),
    reads,
    groups === undefined || groups === null ? 'not read' : code(groups),
    proof.needs,
    ways.join(' → '),
    Object.keys(lines).join(', '),
  ];
  return `| ${cells.join(' | ')} |`;
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

function renderSection(name: PresetName): string {
  const { about, source, urls = {} } = PRESETS[name];
  const { headers, assertion } = resolveExample(name).options;
  const fields =
    headers === undefined
      ? listClaims(assertion.claims).map(
          ({ attribute, claim }) => `\`${claim}\` → \`${attribute}\``,
        )
      : listHeaders(headers).map(({ attribute, field }) => `\`${field.name}\` → \`${attribute}\``);
  const needs = source.kind === 'assertion' ? Object.keys(source.needs) : [];
  const again =
    urls.reauthenticateUrl === undefined
      ? ''
      : ` Signs in again at ${code(urls.reauthenticateUrl)}.`;
  const told =
    needs.length === 0 ? '' : ` Only you know: ${needs.map((need) => `\`${need}\``).join(', ')}.`;
  const { upstream } = showPreset({ preset: name }, undefined);
  return `\n## ${name}\n\n${about}. Reads ${fields.join(', ')}.${told}${again}\n\n\`\`\`yaml\n${upstream}\`\`\`\n`;
}
