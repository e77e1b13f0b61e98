// Finds every word that a refusal gives as its reason, however it gets there.

import { literal, type Source, type Token, tokens } from './sources.ts';

/** Unions of which every member is a reason. */
const UNIONS: ReadonlySet<string> = new Set(['Fault', 'Unproven', 'Doubt', 'ProofProblem']);

/** What `${…}_mismatch` and `${…}_unavailable` become. */
const COMPOSED = [
  'client_mismatch',
  'redirect_uri_mismatch',
  'code_verifier_mismatch',
  'jkt_mismatch',
  'binding_mismatch',
  'store_unavailable',
  'userinfo_unavailable',
  'keys_unavailable',
] as const;

const WORD = /^[a-z]+(?:_[a-z0-9]+)*$/;
const OPEN = /^[([{]$/;
const CLOSE = /^[)\]}]$/;

/** In alphabetical order, each once. */
export function findReasons(sources: readonly Source[]): readonly string[] {
  const all = sources.map(({ text }) => tokens(text));
  const shared = all.flatMap((file) => findTakers(file)).filter(({ exported }) => exported);
  const found = all.flatMap((file) => [
    ...namedReasons(file),
    ...unionMembers(file),
    ...passedReasons(file, [...shared, ...findTakers(file)]),
  ]);
  return [...new Set(found)].sort();
}

/** Also those that are put together at run time. */
export const withComposed = (reasons: readonly string[]): readonly string[] =>
  [...new Set([...reasons, ...COMPOSED])].sort();

const wordsOf = (value: readonly Token[]): readonly string[] =>
  value.map((token) => literal(token) ?? '').filter((text) => WORD.test(text));

/** From a token on, to what ends the value there. */
function upTo(end: RegExp, rest: readonly Token[]): readonly Token[] {
  const index = rest.findIndex(({ text }) => end.test(text));
  return index < 0 ? rest : rest.slice(0, index);
}

// `reason: 'a'`, `reason = b ? 'a' : 'c'` and the type `reason: 'a' | 'c'`.
const namedReasons = (all: readonly Token[]): readonly string[] =>
  all.flatMap(({ text }, index) =>
    text === 'reason' && /^[:=]$/.test(all[index + 1]?.text ?? '')
      ? wordsOf(upTo(/^[,;)}\]]$/, all.slice(index + 2)))
      : [],
  );

// `type Fault = 'a' | 'b';`
const unionMembers = (all: readonly Token[]): readonly string[] =>
  all.flatMap(({ text }, index) =>
    text === 'type' && UNIONS.has(all[index + 1]?.text ?? '')
      ? wordsOf(upTo(/^;$/, all.slice(index + 2)))
      : [],
  );

/** A function or constructor with a parameter `reason: string`. */
type Taker = {
  readonly name: string;
  /** Where the parameter stands. */
  readonly position: number;
  readonly exported: boolean;
};

function findTakers(all: readonly Token[]): readonly Taker[] {
  return all.flatMap(({ text }, index): readonly Taker[] => {
    if (text !== 'reason' || all[index + 1]?.text !== ':' || all[index + 2]?.text !== 'string') {
      return [];
    }
    const opened = findOpening(all, index);
    if (opened === undefined) return [];
    const named = nameBefore(all, opened.index);
    const exported = all[named - 2]?.text === 'export';
    return [{ name: all[named]?.text ?? '', position: opened.commas, exported }];
  });
}

/** The round bracket that a token is directly inside of, and the commas between. */
function findOpening(
  all: readonly Token[],
  from: number,
): { readonly index: number; readonly commas: number } | undefined {
  let depth = 0;
  let commas = 0;
  for (let index = from - 1; index >= 0; index -= 1) {
    const text = all[index]?.text ?? '';
    if (CLOSE.test(text)) depth += 1;
    else if (OPEN.test(text) && depth > 0) depth -= 1;
    else if (OPEN.test(text)) return text === '(' ? { index, commas } : undefined;
    else if (text === ',' && depth === 0) commas += 1;
  }
  return undefined;
}

// The name in `function name(`, in `const name = (`, or of the class whose constructor it is.
function nameBefore(all: readonly Token[], bracket: number): number {
  const before = all[bracket - 1]?.text;
  if (before === '=') return bracket - 2;
  if (before !== 'constructor') return bracket - 1;
  return all.slice(0, bracket).findLastIndex(({ text }) => text === 'class') + 1;
}

const passedReasons = (all: readonly Token[], takers: readonly Taker[]): readonly string[] =>
  all.flatMap(({ text }, index) => {
    const taker = takers.find(({ name }) => name === text);
    if (taker === undefined || all[index + 1]?.text !== '(') return [];
    return wordsOf(argumentsOf(all, index + 1)[taker.position] ?? []);
  });

function argumentsOf(all: readonly Token[], bracket: number): readonly (readonly Token[])[] {
  const found: Token[][] = [[]];
  let depth = 0;
  for (const token of all.slice(bracket + 1)) {
    if (CLOSE.test(token.text)) depth -= 1;
    if (depth < 0) break;
    if (OPEN.test(token.text)) depth += 1;
    if (depth === 0 && token.text === ',') found.push([]);
    else found.at(-1)?.push(token);
  }
  return found;
}
