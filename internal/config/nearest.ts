// Which known word somebody may have meant.

/** Undefined when nothing is near enough to be worth suggesting. */
export function findNearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  // A third of the letters may be wrong; beyond that a suggestion misleads.
  let bound = (word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))) + 1;
  for (const candidate of known) {
    const distance = distanceOf(word.toLowerCase(), candidate.toLowerCase(), bound);
    if (distance < bound) {
      bound = distance;
      best = candidate;
    }
  }
  return best;
}

/** Levenshtein's distance; `bound` at once where the lengths alone are too far apart. */
function distanceOf(left: string, right: string, bound: number): number {
  if (Math.abs(left.length - right.length) >= bound) return bound;
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [row, char] of [...left].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...right].entries()) {
      const [diagonal = 0, above = 0] = previous.slice(column, column + 2);
      const beside = current[column] ?? 0;
      current.push(Math.min(above + 1, beside + 1, diagonal + (char === other ? 0 : 1)));
    }
    previous = current;
  }
  return previous.at(-1) ?? bound;
}
