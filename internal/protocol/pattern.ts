// Regular expressions that an operator writes, for whole values. What they are held against comes from
// others, a directory in which people may name things among them: one that repeats a repetition takes
// minutes against thirty letters (CWE-1333), and is refused before it is ever run.

/** Longer texts match nothing: no group and no name is that long. */
const MAX_TEXT = 256;

/** The problem with a source that cannot be used. */
export function findPatternProblem(source: string): string | undefined {
  try {
    // By itself: the brackets that are put around it would make a whole of `a)|(?:b`.
    new RegExp(source, 'u');
  } catch {
    return 'is not a regular expression as JavaScript has them with the u flag';
  }
  return repeatsChoices(source)
    ? 'repeats a group that repeats or chooses itself; write it without'
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

const isRepeat = (sign: string | undefined): boolean => /^[*+{]$/.test(sign ?? '');

/** Reads it once, remembering of each open group whether something around it repeats or chooses. */
function repeatsChoices(source: string): boolean {
  const signs = structureOf(source);
  const around: boolean[] = [];
  let isAmbiguous = false;
  for (const [index, sign] of signs.entries()) {
    if (sign === '(') {
      around.push(isAmbiguous);
      isAmbiguous = false;
    } else if (sign === ')') {
      if (isAmbiguous && isRepeat(signs[index + 1])) return true;
      isAmbiguous = around.pop() === true || isAmbiguous;
    } else {
      isAmbiguous ||= sign === '|' || isRepeat(sign);
    }
  }
  return false;
}

/** Its signs, one for each; what is escaped or in a set means only itself. */
function structureOf(source: string): readonly string[] {
  const signs: string[] = [];
  let isInSet = false;
  for (let at = 0; at < source.length; at += 1) {
    const sign = source.charAt(at);
    if (sign === '\\') at = lastOfEscape(source, at);
    if (isInSet) isInSet = sign !== ']';
    else if (sign === '[') isInSet = true;
    else signs.push(sign);
  }
  return signs;
}

/** Of `\p{Lu}` and `\u{43}` the braces belong to it; of all others the next sign is enough. */
const lastOfEscape = (source: string, at: number): number =>
  /^[pPu]\{$/.test(source.slice(at + 1, at + 3)) ? source.indexOf('}', at) : at + 1;
