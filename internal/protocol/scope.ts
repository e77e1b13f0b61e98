// Scope as RFC 6749 §3.3 has it: a set of names, whose order and repetition mean nothing.

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** The distinct names, in the order given; undefined when the text is not of the grammar. */
export function parseScope(text: string): readonly string[] | undefined {
  const names = text.split(' ');
  return names.every((name) => SCOPE_TOKEN.test(name)) ? [...new Set(names)] : undefined;
}

export const printScope = (scope: readonly string[]): string => scope.join(' ');

export const isSubset = (part: readonly string[], whole: readonly string[]): boolean =>
  part.every((name) => whole.includes(name));
