// Characters that nobody sees, in what people read.

/**
 * What JSON leaves alone, and a terminal or a viewer does not: DEL and C1 controls (CSI is one of them),
 * further ends of a line, and what turns the direction of the text around it.
 */
const UNSEEN = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/** The same JSON for whoever parses it, and nothing but what it says for whoever looks at it. */
export const spellUnseen = (json: string): string =>
  json.search(UNSEEN) < 0 ? json : json.replace(UNSEEN, spell);

const spell = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
