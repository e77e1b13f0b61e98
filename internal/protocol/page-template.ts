// The document that every page is put into, where an operator brings one: text that goes out as it is,
// and the places in it that are filled in.

/** Text, that may also stand within an attribute in double quotes. */
export const TEXT_SLOTS = ['lang', 'dir', 'title'] as const;
/** Whole elements, and where each has to be. */
export const ELEMENT_SLOTS = {
  head: 'head',
  style: 'head',
  brand: 'body',
  main: 'body',
  links: 'body',
} as const;

type TextSlot = (typeof TEXT_SLOTS)[number];
type ElementSlot = keyof typeof ELEMENT_SLOTS;
/** `nonce` is that of a style sheet in the template; nobody writes it. */
export type Slot = TextSlot | ElementSlot | 'nonce';

export type TemplatePart = string | { readonly slot: Slot };
export type PageTemplate = readonly TemplatePart[];
