// What is added to a URI that somebody registered.

export type Fields = ReadonlyArray<readonly [string, string]>;

export const encodeFields = (fields: Fields): string =>
  fields.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');

/** The registered query stays byte for byte (RFC 6749 §3.1.2). */
export function appendQuery(uri: string, fields: Fields): string {
  if (fields.length === 0) return uri;
  if (!uri.includes('?')) return `${uri}?${encodeFields(fields)}`;
  return uri.endsWith('?') || uri.endsWith('&')
    ? `${uri}${encodeFields(fields)}`
    : `${uri}&${encodeFields(fields)}`;
}
