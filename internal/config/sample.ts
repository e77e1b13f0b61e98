// config/asteroid.yaml: every option once, with its default and one line about it. What has no
// default stands there as a comment with an example, except where a sound start needs it.

import { configSchema } from './config.ts';
import { listOptions, type Option } from './options.ts';
import { toYaml } from './yaml-text.ts';

const HEAD = `# yaml-language-server: $schema=asteroid.schema.json
#
# Every option of Asteroid with its default; what stands in comments has none, and shows an example.
# Made by \`npm run docs\` from internal/config. Leave out what you do not change: a configuration of
# your own is seldom longer than issuer, listen and upstream.
`;

/** No defaults, but without them nobody could sign in. */
const ACTIVE: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['upstream.trust.peers', ['127.0.0.1/32', '::1/128']],
  ['upstream.trust.secret.header', 'X-Asteroid-Upstream-Secret'],
  ['upstream.trust.secret.files', ['/run/secrets/upstream']],
  ['upstream.headers.subject.name', 'X-Authenticated-User'],
  ['upstream.headers.email.name', 'X-Authenticated-Email'],
  ['upstream.headers.email.verified', false],
  ['upstream.headers.name.name', 'X-Authenticated-Name'],
  ['upstream.headers.name.encoding', 'utf-8'],
  ['upstream.headers.name.on_invalid', 'drop'],
  ['upstream.headers.groups.name', 'X-Authenticated-Groups'],
  ['upstream.headers.groups.format', 'csv'],
]);

/** The text of config/asteroid.yaml. */
export function renderSample(): string {
  const options = listOptions(configSchema).filter(({ isInside }) => !isInside);
  const hidden = options.filter(isHidden).map(({ path }) => path.join('.'));
  return `${HEAD}${options.map((option) => renderOption(option, hidden)).join('')}`;
}

const nameOf = ({ path }: Option): string => path.join('.');

/** Optional sections that hold nothing active, and values that are neither default nor active. */
function isHidden(option: Option): boolean {
  const name = nameOf(option);
  if (!option.isSection) return option.default === undefined && !ACTIVE.has(name);
  return option.isOptional && ![...ACTIVE.keys()].some((active) => active.startsWith(`${name}.`));
}

function renderOption(option: Option, hidden: readonly string[]): string {
  const depth = option.path.length - 1;
  const outermost = option.path.findIndex((_, index) =>
    hidden.includes(option.path.slice(0, index + 1).join('.')),
  );
  const about = `# ${option.description}`;
  const lines = valueLines(option).map((line) => comment(line, depth, outermost));
  // The description of a hidden option is a comment already; inside a hidden section it is not.
  const first = comment(about, depth, outermost === depth ? -1 : outermost);
  return `${depth === 0 ? '\n' : ''}${[first, ...lines].join('\n')}\n`;
}

function valueLines(option: Option): readonly string[] {
  const key = option.path.at(-1) ?? '';
  if (option.isSection) return [`${key}:`];
  const active = ACTIVE.get(nameOf(option)) ?? option.default;
  const example = exampleOf(option);
  if (active === undefined) return [`${key}: ${toYaml(example)}`];
  const other = ACTIVE.has(nameOf(option)) ? undefined : example;
  const lines = [`${key}: ${toYaml(active)}`];
  return other === undefined ? lines : [...lines, `# ${key}: ${toYaml(other)}`];
}

function exampleOf({ example, values, default: standard }: Option): unknown {
  if (Array.isArray(example)) return example[0];
  return standard === undefined ? values.split(' | ')[0] : undefined;
}

/** @param hidden depth of the comment sign, or -1 for none. */
const comment = (line: string, depth: number, hidden: number): string =>
  hidden < 0
    ? `${'  '.repeat(depth)}${line}`
    : `${'  '.repeat(hidden)}# ${'  '.repeat(depth - hidden)}${line}`;
