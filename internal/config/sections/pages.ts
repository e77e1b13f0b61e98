// What an operator makes of the pages that people see.

import * as z from 'zod';
import { LANGUAGES } from '../../protocol/languages.ts';
import { fileName, section, shortText, textWith, words } from '../fields.ts';
import { findWebPageProblem } from './client-description.ts';

/** Nothing but these characters reaches a style sheet. */
const colour = () =>
  textWith((value) =>
    /^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(value)
      ? undefined
      : 'has to be a colour such as "#2456c8": # and three or six hexadecimal digits, in quotes',
  );

const webPage = () => textWith(findWebPageProblem);

const link = () =>
  section({
    text: words(60).meta({
      description: 'What it says: one text, or one for each of en, de, fr, es and zh',
    }),
    url: webPage().meta({ description: 'Where it leads: an https URL' }),
  });

export const pages = () =>
  section({
    name: shortText(60)
      .optional()
      .meta({
        description: 'What your sign-in service is called; default: its host, in titles only',
        examples: ['Example Accounts'],
      }),
    logo: webPage().optional().meta({
      description: 'A picture above every page: an https URL that browsers fetch it from',
    }),
    logo_file: fileName().optional().meta({
      description:
        'A picture above every page, put into it: PNG, JPEG, GIF, WebP or SVG of at most 32 KiB',
    }),
    accent: section({
      light: colour()
        .optional()
        .meta({ description: 'On light pages; default: "#2456c8"', examples: ['#2456c8'] }),
      dark: colour().optional().meta({
        description: 'On dark pages; default: made of the one for light pages',
      }),
    })
      .optional()
      .meta({ description: 'The colour of what is to be pressed; text on it is made readable' }),
    links: z
      .array(link())
      .max(6)
      .default([])
      .meta({
        description: 'Links below every page: help, privacy, imprint',
        examples: [[{ text: { en: 'Help', de: 'Hilfe' }, url: 'https://help.example.com' }]],
      }),
    default_language: z.enum(LANGUAGES).default('en').meta({
      description: 'For who reads none of the languages that there are, or says nothing',
    }),
    template_file: fileName().optional().meta({
      description: 'An HTML document that every page is put into; see docs/pages.md',
    }),
  }).refine(({ logo, logo_file: file }) => logo === undefined || file === undefined, {
    path: ['logo_file'],
    error: 'cannot be combined with logo; remove one of the two',
  });
