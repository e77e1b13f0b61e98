// What is added to a URI that somebody registered.

export type Fields = ReadonlyArray<readonly [string, string]>;

export function encodeFields(fields: Fields): string {
  let text = '';
  for (const [name, value] of fields) {
    text += `${text === '' ? '' : '&'}${name}=${encodeURIComponent(value)}`;
  }
  return text;
}

/** The registered query stays byte for byte (RFC 6749 §3.1.2). */
export function appendQuery(uri: string, fields: Fields): string {
  if (fields.length === 0) return uri;
  if (!uri.includes('?')) return `${uri}?${encodeFields(fields)}`;
  return uri.endsWith('?') || uri.endsWith('&')
    ? `${uri}${encodeFields(fields)}`
    : `${uri}&${encodeFields(fields)}`;
}
