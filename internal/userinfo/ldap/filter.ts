// A search filter in which a subject or a distinguished name stands for itself and for nothing else.

const ESCAPED = /[\\*()\0]/g;

/**
 * The filter with its `{placeholders}` filled in. A subject `*` would match everybody and `)(uid=*`
 * would change the question: the characters that mean something are escaped (RFC 4515 §3).
 */
export const fillFilter = (template: string, values: Readonly<Record<string, string>>): string =>
  // One pass: what was filled in is not looked through again.
  template.replace(/\{(\w+)\}/g, (slot, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? slot : escapeValue(value);
  });

// Others stay as they are: the client writes UTF-8, and takes an escaped byte for a character.
const escapeValue = (value: string): string =>
  value.replace(ESCAPED, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
