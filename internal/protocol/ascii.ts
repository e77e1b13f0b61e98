// Letters of names that programs compare.

/** Only A to Z: `toLowerCase` makes a k of the Kelvin sign, and one person of two. */
export const lowerAscii = (text: string): string =>
  text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
