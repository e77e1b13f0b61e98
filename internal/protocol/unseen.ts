// Characters that nobody sees and that change how a line is read, wherever a line holds what a stranger chose.

/**
 * JSON lets these stand as they are: further ends of a line, controls of a terminal (CSI is one of them), and
 * what turns the direction of the text around it.
 */
const UNSEEN = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/** Each of them as JSON would write its number; in a text that is JSON already, the same value. */
export const escapeUnseen = (text: string): string =>
  text.search(UNSEEN) < 0
    ? text
    : text.replace(UNSEEN, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
