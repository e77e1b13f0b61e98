// Environment variables: any option by its path, so that a container needs no file of its own.
// Text is taken as it is, everything else is YAML.

import { configSchema } from '../config/config.ts';
import { printPath } from '../config/finding.ts';
import { findNearest } from '../config/nearest.ts';
import { listOptions, type Option, toVariable, variableOf } from '../config/options.ts';
import type { Report } from './problem.ts';
import { putNode, type Tree } from './tree.ts';
import { parseYaml } from './yaml.ts';

export type Environment = { readonly [name: string]: string | undefined };

/** Variables that are read elsewhere and name no option. */
const OTHERS: ReadonlySet<string> = new Set([
  'ASTEROID_DEV_EXPOSE',
  'ASTEROID_DEV_TOKEN',
  'ASTEROID_KEYS_SECRET',
]);
export const CLIENT_SECRET_PREFIX = 'ASTEROID_CLIENT_SECRET_';

/** The tree with everything that the environment says put over it. */
export function applyEnvironment(tree: Tree, env: Environment, report: Report): Tree {
  const ours = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && isOurs(name, value) ? [[name, value] as const] : [],
  );
  const options = optionsByVariable((path) => {
    const variable = toVariable(path);
    return path.length === 0 || ours.some(([name]) => name.startsWith(variable));
  });
  return ours.sort(byName).reduce((result, [name, value]) => {
    const option = options.get(name);
    if (option !== undefined) return applyOption(result, { name, value, option }, report);
    const nearest = findNearest(name, optionsByVariable(() => true).keys());
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    const problem = `names no option and is ignored${hint}`;
    report.warnings.push({ file: name, line: 1, key: 'environment', problem });
    return result;
  }, tree);
}

/** Sections of `upstream` that decide whose word counts. */
const TRUSTED: ReadonlySet<string | number | undefined> = new Set(['trust', 'assertion']);

type Setting = { readonly name: string; readonly value: string; readonly option: Option };

function applyOption(tree: Tree, setting: Setting, report: Report): Tree {
  const { name, value, option } = setting;
  const warn = (problem: string) =>
    report.warnings.push({ file: name, line: 1, key: printPath(option.path), problem });
  if (value === '') {
    warn('is empty and therefore ignored; unset it');
    return tree;
  }
  // Whoever sets this decides who may name End-Users: it has to be seen in the log.
  if (TRUSTED.has(option.path[1])) warn('is set by the environment');
  const node = readValue(setting, report);
  return node === undefined ? tree : putNode(tree, option.path, node);
}

function optionsByVariable(
  isWanted: (path: readonly string[]) => boolean,
): ReadonlyMap<string, Option> {
  const named = listOptions(configSchema, isWanted).flatMap((option) => {
    const variable = variableOf(option);
    return variable === undefined ? [] : [[variable, option] as const];
  });
  return new Map(named);
}

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1;

/** Not what is read elsewhere, nor what Kubernetes puts into pods beside a Service `asteroid…`. */
function isOurs(name: string, value: string): boolean {
  if (!name.startsWith('ASTEROID_')) return false;
  if (OTHERS.has(name) || name.startsWith(CLIENT_SECRET_PREFIX)) return false;
  return !(
    /_SERVICE_(?:HOST|PORT)(?:_[A-Z0-9_]+)?$/.test(name) ||
    /_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(name) ||
    (/_PORT$/.test(name) && /^(?:tcp|udp|sctp):\/\//.test(value))
  );
}

function readValue({ name, value, option }: Setting, report: Report): Tree | undefined {
  if (option.isText && !/^["']/.test(value)) return { kind: 'scalar', file: name, line: 1, value };
  const { tree, problems } = parseYaml(name, value, option.path);
  report.problems.push(...problems);
  return tree;
}
