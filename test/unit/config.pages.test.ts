// What an operator may say about pages, and what is refused before anybody sees it.

import { describe, expect, it } from 'vitest';
import { createBrand } from '../../internal/app/brand.ts';
import { CONFIG, createFolder, loadFolder, problemsOf } from './loader.fixture.ts';

const folderOf = (text: string, files = {}) =>
  createFolder({ 'asteroid.yaml': `${CONFIG}pages: ${text}\n`, ...files });
const problems = async (text: string, files = {}) =>
  (await problemsOf(await folderOf(text, files))).join('\n');
const brandOf = async (text: string, files = {}) => {
  const snapshot = await loadFolder(await folderOf(text, files));
  return createBrand(() => snapshot)();
};

describe('pages in asteroid.yaml', () => {
  it('need nothing', async () => {
    const brand = await brandOf('{}');

    expect(brand).toMatchObject({ name: undefined, logo: undefined, links: [] });
    expect(brand.defaultLanguage).toBe('en');
  });

  it('become what pages look like', async () => {
    const brand = await brandOf(
      '{ name: Ours, logo: "https://cdn.example/l.png", accent: { light: "#0a5" }, links: [{ text: { de: Hilfe }, url: "https://a.example" }, { text: Imprint, url: "https://b.example" }], default_language: de }',
    );

    expect(brand.name).toBe('Ours');
    expect(brand.logo).toBe('https://cdn.example/l.png');
    expect(brand.style).toContain('--main: #00aa55;');
    expect(brand.links).toEqual([
      { text: { de: 'Hilfe' }, url: 'https://a.example' },
      { text: 'Imprint', url: 'https://b.example' },
    ]);
    expect(brand.defaultLanguage).toBe('de');
  });

  it('are made once for each configuration', async () => {
    const first = await loadFolder(await folderOf('{ name: One }'));
    const second = await loadFolder(await folderOf('{ name: Two }'));
    let current = first;
    const brand = createBrand(() => current);

    expect(brand()).toBe(brand());
    current = second;
    expect(brand().name).toBe('Two');
  });

  it.each([
    ['{ accent: { light: red } }', 'pages.accent.light: has to be a colour such as "#2456c8"'],
    ['{ accent: { light: "#2456c8;}" } }', 'pages.accent.light: has to be a colour'],
    ['{ accent: { dark: "#12" } }', 'pages.accent.dark: has to be a colour'],
    ['{ accent: { dark: "url(https://a.example)" } }', 'pages.accent.dark: has to be a colour'],
    ['{ logo: "http://a.example/l.png" }', 'pages.logo: has to be an https URL'],
    ['{ logo: "javascript:alert(1)" }', 'pages.logo: has to be an https URL'],
    ['{ logo: "data:image/png;base64,AA" }', 'pages.logo: has to be an https URL'],
    ['{ logo: "https://a.example/;script-src *" }', 'pages.logo:'],
    ['{ logo: "https://a.example/", logo_file: l.png }', 'pages.logo_file: cannot be combined'],
    ['{ links: [{ text: a, url: "http://a.example" }] }', 'pages.links[0].url: has to be an https'],
    ['{ links: [{ text: a, url: "javascript:x" }] }', 'pages.links[0].url: has to be an https'],
    ['{ links: [{ url: "https://a.example" }] }', 'pages.links[0].text'],
    [
      '{ links: [{ text: { it: a }, url: "https://a.example" }] }',
      'pages.links[0].text.it: is not a known key; known here: en, de, fr, es, zh',
    ],
    ['{ name: "" }', 'pages.name'],
    [`{ name: ${'a'.repeat(61)} }`, 'pages.name: has to be at most 60 long'],
    ['{ name: "a\\nb" }', 'pages.name: has a control character'],
    ['{ default_language: it }', 'pages.default_language'],
    ['{ template_file: missing.html }', 'pages.template_file'],
    ['{ logo_file: missing.png }', 'pages.logo_file'],
  ])('refuse %s', async (text, problem) => {
    expect(await problems(text)).toContain(problem);
  });
});

describe('a picture that is put into every page', () => {
  const PNG = Buffer.from('89504e470d0a1a0a00', 'hex');

  it.each([
    ['png', PNG],
    ['jpeg', Buffer.from('ffd8ff00', 'hex')],
    ['gif', Buffer.from('GIF89a-')],
    ['webp', Buffer.from('RIFF0000WEBP')],
    ['svg+xml', Buffer.from('<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="x"></svg>')],
  ])('is known by its bytes as %s', async (type, bytes) => {
    const { logo } = await brandOf('{ logo_file: picture }', { picture: bytes });

    expect(logo).toBe(`data:image/${type};base64,${bytes.toString('base64')}`);
  });

  it.each([
    ['a page', Buffer.from('<html><svg></svg></html>'), 'is neither PNG, JPEG, GIF, WebP nor SVG'],
    ['nothing', Buffer.alloc(0), 'is neither PNG'],
    ['large', Buffer.concat([PNG, Buffer.alloc(32 * 1024)]), 'is larger than 32 KiB'],
  ])('is refused where it is %s', async (_name, bytes, problem) => {
    expect(await problems('{ logo_file: l.png }', { 'l.png': bytes })).toContain(
      `pages.logo_file: l.png ${problem}`,
    );
  });
});

describe('words of an operator for each language', () => {
  const scopeOf = (description: string) => ({
    'asteroid.yaml': `${CONFIG}scopes: { hr: { description: ${description} } }\n`,
  });

  it('may describe scopes', async () => {
    const { config } = await loadFolder(await createFolder(scopeOf('{ en: yours, zh: 您的 }')));

    expect(config.scopes['hr']?.description).toEqual({ en: 'yours', zh: '您的' });
  });

  it.each(['{ it: vostro }', '{ en: "" }', `${'a'.repeat(201)}`, '[a]'])(
    'are refused as %s',
    async (description) => {
      expect(await problemsOf(await createFolder(scopeOf(description)))).toEqual([
        expect.stringContaining('scopes.hr.description'),
      ]);
    },
  );
});
