// What an operator may write: the options of asteroid.yaml as paths, and the variables that stand for them.

import { configSchema } from '../../internal/config/config.ts';
import { listOptions, toVariable } from '../../internal/config/options.ts';
import { readSources } from './sources.ts';

/** Without what stands for any element of a list or any key of a map. */
const plain = (path: string): string =>
  path.replaceAll(/\[\]|\[\d+\]/g, '').replaceAll(/\.<\w+>/g, '.<>');

const options = listOptions(configSchema);
const paths = new Set(options.map(({ path }) => plain(path.join('.').replaceAll('.[]', ''))));
const sections = new Set(options.map(({ path: [first = ''] }) => first.replace('[]', '')));

/** Dotted words that begin as an option does, and are something else: what, and which. */
const OTHERS: readonly (readonly [string, RegExp])[] = [
  ['a file', /\.(?:yaml|yml|md|ts|json|sh|conf|pem|key)$/],
];

/** Types of events and lines of the log are dotted words, too. */
const events = new Set(
  readSources('internal').flatMap(({ text }) =>
    [...text.matchAll(/'([a-z_]+\.[a-z_.]+)'/g)].map(([, word = '']) => word),
  ),
);

/** For a code span; undefined: it is an option, or does not look like one. */
export function findOptionFault(span: string): string | undefined {
  const [, word = ''] = /^([a-z_]+(?:\.(?:[a-z_0-9]+|<\w+>)(?:\[\])?)+)(?:: .*)?$/.exec(span) ?? [];
  const [first = ''] = word.split('.');
  if (word === '' || !sections.has(first) || paths.has(plain(word)) || events.has(word)) {
    return undefined;
  }
  return OTHERS.some(([, pattern]) => pattern.test(word)) ? undefined : `${word}: no such option`;
}

/** Those of options, and those that are read by their name. */
export function readVariables(): ReadonlySet<string> {
  const ofOptions = options.map(({ path }) => toVariable(path));
  const sources = ['cmd', 'internal', 'examples', 'deploy', 'test'].flatMap((folder) =>
    ['.ts', '.sh', '.py', '.go', '.java', '.yaml', '.example'].flatMap((ending) =>
      readSources(folder, ending),
    ),
  );
  const named = sources
    .filter(({ file }) => !file.startsWith('test/architecture/'))
    .flatMap(({ text }) => text.match(/\bASTEROID_[A-Z_]*[A-Z]\b/g) ?? []);
  return new Set([...ofOptions, ...named]);
}
