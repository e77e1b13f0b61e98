/** What pages can be written in, as tags of RFC 5646; `zh` is written in simplified characters. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];
