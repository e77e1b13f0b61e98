// HTML that cannot be injected into: whatever is put into a template is escaped, unless a template
// made it.

const markup = Symbol('markup');

/** Markup that a template made; no JSON and no header can look like it. */
export type Html = { readonly [markup]: string };

type Value = string | Html | readonly Html[];

/** A template whose values become text; attributes have to be written in double quotes. */
export const html = (strings: TemplateStringsArray, ...values: readonly Value[]): Html => ({
  [markup]: strings.reduce((text, part, index) => {
    const value = values[index - 1];
    return text + (value === undefined ? '' : toMarkup(value)) + part;
  }, ''),
});

/** Text of our own that is markup already: style sheets and scripts, never anything that varies. */
export const verbatim = (text: string): Html => ({ [markup]: text });

export const printHtml = (value: Html): string => value[markup];

function toMarkup(value: Value): string {
  if (typeof value === 'string') return escapeHtml(value);
  return markup in value ? value[markup] : value.map(printHtml).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"'`]/g, (character) => ESCAPES[character] ?? '');

/** Somebody's or something's name within a sentence: letters that run the other way stay inside of it. */
export const name = (text: string): Html => html`<bdi>${text}</bdi>`;

/** The same where it is what the reader has to look at. */
export const strong = (text: string): Html => html`<strong>${text}</strong>`;
