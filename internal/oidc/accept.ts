// Which form of an introspection response the caller wants (RFC 9701 §4, RFC 9110 §12.5.1).

export const INTROSPECTION_TYP = 'token-introspection+jwt';

const JWT = `application/${INTROSPECTION_TYP}`;
const JSON_TYPE = 'application/json';

/** Only by its name: a wildcard is what everybody sends who expects JSON. */
export function prefersJwt(accept: string | undefined): boolean {
  const wanted = new Map((accept ?? '').split(',').map(readRange));
  const jwt = wanted.get(JWT) ?? 0;
  return jwt > 0 && jwt >= (wanted.get(JSON_TYPE) ?? 0);
}

/** A media range and its weight; one whose weight nobody can read counts as not wanted. */
function readRange(text: string): readonly [string, number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((part) => part.startsWith('q='))?.slice('q='.length) ?? '1';
  return [range, /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0];
}
