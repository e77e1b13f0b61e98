// An entry as a row of words, and which column says what.

/** Its name has four, of which the first says in which bucket it is. */
export const COLUMN = { name: 0, chain: 4, place: 5, text: 6 } as const;
export const NAME_WORDS = 4;
export const SLOT_WORDS = 7;
