// Scope as RFC 6749 §3.3 has it: a set of names, whose order and repetition mean nothing.

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** The distinct names, in the order given; undefined when the text is not of the grammar. */
export function parseScope(text: string): readonly string[] | undefined {
  if (!SCOPE.test(text)) return undefined;
  const names = text.split(' ');
  return new Set(names).size === names.length ? names : [...new Set(names)];
}

/** Undefined for no names at all: the grammar has no empty scope. */
export const printScope = (scope: readonly string[]): string | undefined =>
  scope.length === 0 ? undefined : scope.join(' ');

export const isSubset = (part: readonly string[], whole: readonly string[]): boolean =>
  part.every((name) => whole.includes(name));
