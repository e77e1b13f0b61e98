// Pages of the documentation as their reader sees them: headings, links, code spans and fenced blocks.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, readSources, type Source } from './sources.ts';

const TOP = ['README.md', 'SECURITY.md', 'CHANGELOG.md'];

export function readPages(): readonly Source[] {
  const top = TOP.map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }));
  return [...top, ...readSources('docs', '.md')];
}

export type Block = {
  readonly language: string;
  readonly text: string;
  /** Of its first fence. */
  readonly line: number;
};

const FENCED = /^( *)```(\w*)\n([\s\S]*?)^ *```$/gm;

export const blocksOf = (text: string): readonly Block[] =>
  [...text.matchAll(FENCED)].map(({ index, 2: language = '', 3: body = '' }) => ({
    language,
    text: body,
    line: text.slice(0, index).split('\n').length,
  }));

/** What is left when blocks are taken out; lines stay where they are. */
const proseOf = (text: string): string =>
  text.replaceAll(FENCED, (block) => block.replaceAll(/[^\n]/g, ''));

/** Code in running text and in tables. */
export const spansOf = (text: string): readonly string[] =>
  [...proseOf(text).matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, span = '']) => span);

/** Targets of Markdown links, images too; what stands in code is none. */
export const linksOf = (text: string): readonly string[] =>
  [
    ...proseOf(text)
      .replaceAll(/`[^`\n]*`/g, 'x')
      .matchAll(/\]\(([^)\s]+)\)|<(https?:[^>\s]+)>/g),
  ].map(([, target, bare = '']) => target ?? bare);

/** Texts of headings, without what is only there to be drawn. */
const headingsOf = (text: string): readonly string[] =>
  [...proseOf(text).matchAll(/^#{1,6} (.+?) *$/gm)].map(([, heading = '']) =>
    heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, ''),
  );

/** As the site makes an anchor of a heading (VitePress, by @mdit-vue/shared). */
export const siteSlug = (heading: string): string =>
  heading
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036F]/g, '')
    .replaceAll(/[\s~`!@#$%^&*()\-_+=[\]{}|\\;:"'“”‘’<>,.?/]+/g, '-')
    .replaceAll(/-{2,}/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .replace(/^(\d)/, '_$1')
    .toLowerCase();

/** As GitHub does. */
export const hubSlug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');

/** Anchors that lead to the same heading in both places. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = headingsOf(text);
  const [ours, theirs] = [number(headings.map(siteSlug)), number(headings.map(hubSlug))];
  return new Set(ours.filter((slug, index) => slug === theirs[index]));
}

/** A heading that is there twice has a number behind its second anchor. */
const number = (slugs: readonly string[]): readonly string[] =>
  slugs.map((slug, index) => {
    const before = slugs.slice(0, index).filter((other) => other === slug).length;
    return before === 0 ? slug : `${slug}-${before}`;
  });
