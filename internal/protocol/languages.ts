/** What pages can be written in, as tags of RFC 5646; `zh` is written in simplified characters. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What an operator wrote for people to read: once for all of them, or for those of each language. */
export type Words = string | { readonly [Tag in Language]?: string | undefined };

/** In the language, else in that of the operator's choice, else in whichever there is. */
export function wordsIn(words: Words, language: Language, fallback: Language): string {
  if (typeof words === 'string') return words;
  return words[language] ?? words[fallback] ?? Object.values(words).find(Boolean) ?? '';
}
