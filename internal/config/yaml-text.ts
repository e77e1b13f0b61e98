// Values as one would write them by hand in YAML, for the sample and the reference.

/** One line in flow style; text in quotes only where YAML would read something else. */
export function toYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toYaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, item]) => `${key}: ${toYaml(item)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  return typeof value === 'string' && !isPlain(value) ? JSON.stringify(value) : String(value);
}

const isPlain = (text: string): boolean =>
  /^[A-Za-z./][A-Za-z0-9_./:?=&%@+*-]*$/.test(text) &&
  !text.endsWith(':') &&
  !/^(?:true|false|null|yes|no|on|off)$/i.test(text)
    ? true
    : /^\d+(?:ms|s|m|h|d)$/.test(text) || /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d+)?$/.test(text);
