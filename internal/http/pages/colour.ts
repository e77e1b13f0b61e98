// Colours as numbers, so that whatever an operator chose, what goes into a style sheet was written here,
// and text on it can be read (WCAG 2.2 §1.4.3, §1.4.11).

/** Red, green and blue, 0 to 255. */
type Rgb = readonly [number, number, number];

/** Throws on what is no `#` with three or six hexadecimal digits. */
export function parseColour(text: string): Rgb {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text)?.[1];
  if (digits === undefined) throw new Error('a colour is not written as #rrggbb');
  const six = digits.length === 3 ? digits.replaceAll(/./g, '$&$&') : digits;
  const value = Number.parseInt(six, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export const printColour = (rgb: Rgb): string =>
  `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

/** 1 for two alike, 21 for black and white. */
export function contrastOf(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [
    luminance(parseColour(one)),
    luminance(parseColour(other)),
  ].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param share how much of the other one, from 0 to 1. */
export function mix(one: string, other: string, share: number): string {
  const [from, to] = [parseColour(one), parseColour(other)];
  const part = (index: 0 | 1 | 2): number =>
    Math.round(from[index] + (to[index] - from[index]) * share);
  return printColour([part(0), part(1), part(2)]);
}

/** The same colour, or as much of it as can be read before every one of these backgrounds. */
export function readableOn(
  colour: string,
  backgrounds: readonly string[],
  towards: string,
  ratio: number,
): string {
  for (let step = 0; step < 20; step += 1) {
    const tried = mix(colour, towards, step / 20);
    if (backgrounds.every((background) => contrastOf(tried, background) >= ratio)) return tried;
  }
  return towards;
}
