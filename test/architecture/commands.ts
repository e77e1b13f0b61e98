// The words of the command line, from its source, and the commands that a text shows.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './sources.ts';

/** `keys rotate` → its options. */
export type Commands = ReadonlyMap<string, ReadonlySet<string>>;

const EVERYWHERE = ['--help', '--version'];

export function readCommands(): Commands {
  const text = readFileSync(path.join(ROOT, 'cmd/asteroid/command-line.ts'), 'utf8');
  const parts = text.split(/\n(?=(?:const \w+ = )?(?:program|[a-z]+)(?:\n {2})?\.command\()/);
  const constants = new Map(
    [...text.matchAll(/^const (\w+) = \['(--[a-z-]+)/gm)].map(([, name = '', flag = '']) => [
      name,
      flag,
    ]),
  );
  const commands = new Map<string, ReadonlySet<string>>();
  for (const part of parts.slice(1)) {
    const [, parent = '', name = ''] = /(\w+)\s*\.command\('([a-z]+)/.exec(part) ?? [];
    const flags = [...part.matchAll(/[oO]ption\(\s*(?:'(--[a-z-]+)|\.\.\.(\w+))/g)].map(
      ([, flag, constant = '']) => flag ?? constants.get(constant) ?? '',
    );
    commands.set(
      parent === 'program' ? name : `${parent} ${name}`,
      new Set([...EVERYWHERE, ...flags]),
    );
  }
  return commands;
}

const CALL =
  /(?:^|[;&|(] *|\$ )(?:npx asteroid-oidc|asteroid|node (?:\S*\/)?dist\/asteroid\.js|node \/\S*asteroid\.js)((?: +(?!\||>|&|;|#|2>)\S+)+)/gm;

/** The words behind each call of the program. */
export const commandsIn = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(CALL)]
    .map(([, words = '']) => words.trim().split(/ +/))
    .filter(([first = '']) => /^[a-z-]/.test(first));

export function findCommandFault(commands: Commands, words: readonly string[]): string | undefined {
  const [first = '', second = ''] = words;
  const name = [`${first} ${second}`, first].find((candidate) => commands.has(candidate));
  const isGroup = [...commands.keys()].some((known) => known.startsWith(`${first} `));
  const misses = isGroup && name === first && /^[a-z]/.test(second);
  if (first.startsWith('--') && EVERYWHERE.includes(first)) return undefined;
  if (name === undefined || misses)
    return `asteroid ${words.slice(0, 2).join(' ')}: no such command`;
  const known = commands.get(name) ?? new Set();
  const unknown = words
    .filter((word) => word.startsWith('--'))
    .map((word) => word.replace(/[=\])].*$/, ''))
    .find((flag) => !known.has(flag));
  return unknown === undefined ? undefined : `asteroid ${name} ${unknown}: no such option`;
}
