// Regular expressions that an operator writes, for whole values. What they are held against comes from
// others, a directory in which people may name things among them: one that has too many ways through a
// text takes minutes against thirty letters (CWE-1333), and is refused before it is ever run.

/** Longer texts match nothing: no group and no name is that long. */
const MAX_TEXT = 256;
/**
 * Each repetition of a text that long is 2^8 more ways through it, each choice at least one more bit.
 * Of what may be written, the slowest takes a tenth of a second.
 */
const REPEAT_COST = 8;
const CHOICE_COST = 2;
const MAX_COST = 28;

/** The problem with a source that cannot be used. */
export function findPatternProblem(source: string): string | undefined {
  try {
    // By itself: the brackets that are put around it would make a whole of `a)|(?:b`.
    new RegExp(source, 'u');
  } catch {
    return 'is not a regular expression as JavaScript has them with the u flag';
  }
  const signs = structureOf(source);
  if (repeatsChoices(signs)) {
    return 'repeats a group that repeats, chooses or leaves out something itself; write it without';
  }
  const cost = REPEAT_COST * signs.filter(isRepeat).length + CHOICE_COST * countChoices(signs);
  return cost > MAX_COST
    ? 'has too many ways through a text; write it with fewer of * + {n,} ? and |'
    : undefined;
}

/** Matches whole values only. Throws a SyntaxError for a source with a problem. */
export function compilePattern(source: string): RegExp {
  const problem = findPatternProblem(source);
  if (problem !== undefined) throw new SyntaxError(problem);
  return new RegExp(`^(?:${source})$`, 'u');
}

export const matchesPattern = (pattern: RegExp, text: string): boolean =>
  text.length <= MAX_TEXT && pattern.test(text);

/** A sign of a pattern; a repetition is one whole, its braces and its laziness included. */
type Sign = string;

/** As often as it likes; `{8}` is not. */
const isRepeat = (sign: Sign | undefined): boolean => /^(?:[*+]|\{\d+,)/.test(sign ?? '');
const isCount = (sign: Sign | undefined): boolean => isRepeat(sign) || /^\{\d/.test(sign ?? '');
const isOption = (sign: Sign): boolean => sign === '?' || sign === '??';

/** Reads it once, remembering of each open group whether something around it repeats or chooses. */
function repeatsChoices(signs: readonly Sign[]): boolean {
  const around: boolean[] = [];
  let isAmbiguous = false;
  for (const [index, sign] of signs.entries()) {
    if (sign === '(') {
      around.push(isAmbiguous);
      isAmbiguous = false;
    } else if (sign === ')') {
      if (isAmbiguous && isCount(signs[index + 1])) return true;
      isAmbiguous = around.pop() === true || isAmbiguous;
    } else {
      isAmbiguous ||= sign === '|' || isOption(sign) || isCount(sign);
    }
  }
  return false;
}

/** What may be left out, and groups with alternatives, however many they have. */
function countChoices(signs: readonly Sign[]): number {
  const around: boolean[] = [];
  let isChosen = false;
  let choices = signs.filter(isOption).length;
  for (const sign of signs) {
    if (sign === '(') {
      around.push(isChosen);
      isChosen = false;
    } else if (sign === ')') {
      isChosen = around.pop() ?? false;
    } else if (sign === '|' && !isChosen) {
      isChosen = true;
      choices += 1;
    }
  }
  return choices;
}

/** An escape, a set, the beginning of a group, a repetition, or any one sign. */
const SIGN =
  /\\[pPu]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?|(?:[*+?]|\{\d+(?:,\d*)?\})\??|./gsu;

/** What is escaped or in a set means only itself. */
const structureOf = (source: string): readonly Sign[] =>
  [...source.matchAll(SIGN)].map(([sign]) => (/^\(./.test(sign) ? '(' : sign));
