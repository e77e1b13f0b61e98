// Distinguished names as servers write them (RFC 4514): just enough to say which group one names, and
// whether it is below another.

/** From the entry upwards; the first attribute of each step, folded to lower case. */
type Dn = readonly Step[];
type Step = { readonly type: string; readonly value: string; readonly folded: string };

/** Undefined for what is no distinguished name. */
export function parseDn(text: string): Dn | undefined {
  if (text.trim() === '') return [];
  const steps = split(text, ',').map(parseStep);
  return steps.every((step) => step !== undefined) ? steps : undefined;
}

/** Whether it is the base or below it; values are compared without regard to case and outer spaces. */
export function isWithin(dn: Dn, base: Dn): boolean {
  const above = dn.slice(dn.length - base.length);
  return (
    dn.length >= base.length && above.every((step, index) => step.folded === base[index]?.folded)
  );
}

function parseStep(text: string): Step | undefined {
  const parts = split(text, '+').map((part) => {
    const [, type, value] = /^\s*([\w.-]+)\s*=\s*(.*)$/s.exec(part) ?? [];
    if (type === undefined || value === undefined) return undefined;
    return { type: type.toLowerCase(), value: unescapeValue(value) };
  });
  const [first] = parts;
  if (first?.value === undefined) return undefined;
  const names = parts.map((part) => `${part?.type}=${part?.value?.toLowerCase()}`);
  return { type: first.type, value: first.value, folded: names.sort().join('+') };
}

/** At separators that no backslash precedes. */
const split = (text: string, separator: ',' | '+'): readonly string[] =>
  (text.match(separator === ',' ? /(?:\\.|[^\\,])+/gs : /(?:\\.|[^\\+])+/gs) ?? []).map(String);

/** An escaped space at the end counts, any other does not. */
function withoutBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return text.slice(0, text[end - 1] === '\\' ? end + 1 : end);
}

/** Undefined where a byte of `\xx` is part of no UTF-8, and for the form `#hex`. */
function unescapeValue(text: string): string | undefined {
  if (text.startsWith('#')) return undefined;
  const value = withoutBlanks(text).replace(
    /((?:\\[0-9a-f]{2})+)|\\(.)/gis,
    (_, hex?: string, char?: string) =>
      hex === undefined
        ? (char ?? '')
        : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
  return value.includes('\ufffd') ? undefined : value;
}
