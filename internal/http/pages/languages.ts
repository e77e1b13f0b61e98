// What pages are written in, one file each, and which of them somebody reads.

import type { Language } from '../../protocol/languages.ts';
import { de } from './languages/de.ts';
import { en, type Texts } from './languages/en.ts';
import { es } from './languages/es.ts';
import { fr } from './languages/fr.ts';
import { zh } from './languages/zh.ts';

const TEXTS: { readonly [Tag in Language]: Texts } = { en, de, fr, es, zh };

export const textsIn = (language: Language): Texts => TEXTS[language];
