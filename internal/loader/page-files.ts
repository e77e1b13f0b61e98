// What the configuration names for pages: a template and a picture.

import type { Config } from '../config/config.ts';
import { readPageTemplate } from '../config/page-template.ts';
import type { PageTemplate } from '../protocol/page-template.ts';
import { type NamedTerms, say } from './named-files.ts';
import { readBytes } from './read.ts';
import { decodeText } from './scan.ts';

export type PageFiles = {
  readonly template: PageTemplate | undefined;
  /** As a URL that holds the whole picture. */
  readonly logo: string | undefined;
};

/** Those of one configuration; read again when they change. */
export const listPageFiles = ({ pages }: Config): readonly string[] =>
  [pages.logo_file, pages.template_file].filter((file) => file !== undefined);

export async function readPageFiles(terms: NamedTerms): Promise<PageFiles> {
  if (!terms.isRead('pages')) return { template: undefined, logo: undefined };
  return { template: await readTemplate(terms), logo: await readLogo(terms) };
}

async function readTemplate(terms: NamedTerms): Promise<PageTemplate | undefined> {
  const { template_file: file, logo } = terms.config.pages;
  if (file === undefined) return undefined;
  const text = await readWhole(terms, file);
  if (text === undefined) return undefined;
  const origin = logo === undefined ? undefined : new URL(logo).origin;
  const reading = readPageTemplate(text, origin);
  if (reading.ok) return reading.template;
  for (const { line, problem } of reading.problems) {
    terms.report.problems.push({ file, line, key: 'template', problem });
  }
  return undefined;
}

async function readWhole(terms: NamedTerms, file: string): Promise<string | undefined> {
  const read = await readBytes(file);
  if (!read.ok) {
    say(terms, ['pages', 'template_file'], `${file} ${read.problem}`);
    return undefined;
  }
  const text = decodeText(read.bytes);
  if (typeof text === 'string') return text;
  terms.report.problems.push({ file, key: 'template', ...text });
  return undefined;
}

/** It is in every page. */
const MAX_LOGO = 32 * 1024;

// By what they begin with: a name says nothing.
const PICTURES: readonly (readonly [string, RegExp])[] = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[\s\S]{4}WEBP/],
  [
    'image/svg+xml',
    /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[\s\S]*?\?>\s*)?(?:<!--[\s\S]*?-->\s*)*<svg[\s>]/,
  ],
];

async function readLogo(terms: NamedTerms): Promise<string | undefined> {
  const { logo_file: file } = terms.config.pages;
  if (file === undefined) return undefined;
  const read = await readBytes(file);
  if (!read.ok) return refuse(`${file} ${read.problem}`);
  if (read.bytes.length > MAX_LOGO) return refuse(`${file} is larger than 32 KiB; make it smaller`);
  const bytes = Buffer.from(read.bytes);
  const begin = bytes.toString('latin1');
  const [type] = PICTURES.find(([, form]) => form.test(begin)) ?? [];
  return type === undefined
    ? refuse(`${file} is neither PNG, JPEG, GIF, WebP nor SVG`)
    : `data:${type};base64,${bytes.toString('base64')}`;

  function refuse(problem: string): undefined {
    say(terms, ['pages', 'logo_file'], problem);
  }
}
