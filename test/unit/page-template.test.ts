// The template of pages: what is understood, and in which line what is not.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPageTemplate } from '../../internal/config/page-template.ts';
import { TEMPLATE } from '../../internal/http/pages/brand.ts';
import type { PageTemplate } from '../../internal/protocol/page-template.ts';
import { CONFIG, createFolder, loadFolder, problemsOf } from './loader.fixture.ts';

const SOUND = `<!doctype html>
<html lang="{{lang}}" dir="{{ dir }}">
<head>
{{head}}
{{style}}
<style>main { border: 0 }</style>
</head>
<body class="a">
<!-- gone -->
{{brand}}
<h2 title='it is "{{'>{{title}}</h2>
{{main}}
<footer><a href="https://a.example/?a=1&amp;b=2" target="_blank">x &lt; y</a> {{links}}</footer>
</body>
</html>
`;

const read = (text: string, picturesFrom?: string) => readPageTemplate(text, picturesFrom);
const problemsIn = (text: string, picturesFrom?: string): readonly string[] => {
  const reading = read(text, picturesFrom);
  return reading.ok ? [] : reading.problems.map(({ line, problem }) => `${line}: ${problem}`);
};
/** The sound one with something put in a line of its own in its body: line 9. */
const withBody = (line: string): string => SOUND.replace('<!-- gone -->', line);

describe('the template of docs/pages.md', () => {
  it('is the one that pages are put into without any', () => {
    const file = path.join(import.meta.dirname, '../../docs/pages.md');
    const [, text = ''] = /```html\n([\s\S]*?)```/.exec(readFileSync(file, 'utf8')) ?? [];
    const print = (template: PageTemplate): string =>
      template
        .map((part) => (typeof part === 'string' ? part : `{{${part.slot}}}`))
        .join('')
        .replaceAll(/\s+/g, '');
    const reading = read(text);

    expect(reading.ok && print(reading.template)).toBe(print(TEMPLATE));
  });
});

describe('a template of pages', () => {
  it('is text and places, without its comments', () => {
    const reading = read(SOUND.replace(`<h2 title='it is "{{'>`, '<h2>'));
    if (!reading.ok) throw new Error('refused');
    const slots = reading.template.flatMap((part) => (typeof part === 'string' ? [] : part.slot));
    const text = reading.template.filter((part) => typeof part === 'string').join('|');

    expect(slots).toEqual([
      ...['lang', 'dir', 'head', 'style', 'nonce', 'brand', 'title', 'main', 'links'],
    ]);
    expect(text).not.toMatch(/gone|\{\{|<style>/);
    expect(text).toContain('<style nonce="|">');
    expect(text).toContain('main { border: 0 }</style>');
  });

  it.each([
    ['<script>x()</script>', '9: has a script; no page runs any that is not ours'],
    ['<SCRIPT src=x>', '9: has a script'],
    ['<script', '9: has a < that begins no tag'],
    ['<p onclick="x()">', '9: has an attribute that would run script'],
    ['<p ONCLICK=x>', '9: has an attribute that would run script'],
    ['<p/onclick=x>', '9: has an attribute that would run script'],
    ['<p style="color: red">', '9: has a style attribute'],
    ['<iframe src="https://a.example">', '9: has an element that cannot be in a template'],
    ['<form>', '9: has an element that cannot be'],
    ['<base href="https://a.example/">', '9: has an element that cannot be'],
    ['<link rel="stylesheet" href="https://a.example/a.css">', '9: has an element that cannot be'],
    ['<svg><script>x</script></svg>', '9: has an element that cannot be'],
    ['<textarea>', '9: has an element that cannot be'],
    ['<plaintext>', '9: has an element that cannot be'],
    ['<meta http-equiv="refresh" content="0">', '9: has an attribute that cannot be'],
    [
      '<meta name="referrer" content="unsafe-url">',
      '9: has a name that no meta of a template can have',
    ],
    [
      '<meta name=Referrer content=no-referrer>',
      '9: has a name that no meta of a template can have',
    ],
    [
      '<meta name="re&#102;errer" content="origin">',
      '9: has a name that no meta of a template can have',
    ],
    ['<a href="javascript:x()">', '9: has a link that is neither https, mailto nor #'],
    ['<a href="java&#115;cript:x()">', '9: has a link that is neither'],
    ['<a href="{{title}}">', '9: has a link that is neither'],
    ['<a href="https://{{title}}/">', '9: has a link with {{title}} in it'],
    ['<a HREF="https://a.example/#{{ title }}">', '9: has a link with {{title}} in it'],
    ['<img src="https://a.example/l.png">', '9: has a picture that no browser would load'],
    ['<img src="data:image/png;base64,AA">', '9: has a picture that no browser would load'],
    ['<main>', '9: has a <main> of its own'],
    ['<title>x</title>', '9: has a <title> of its own'],
    ['<style media="x">a</style>', '9: has a <style> with attributes'],
    ['<style>a{}</style ><form></style>', '9: has an element that cannot be'],
    ['<style></style/><script>x</script></style>', '9: has a script'],
    ['<style>a{}</STYLE\t><iframe></style>', '9: has an element that cannot be'],
    ['<style>a{}', '9: has a <style> with attributes, or without its end'],
    ['<style>a::after { content: "{{title}}" }</style>', '9: has a placeholder in a style sheet'],
    ['<!-- {{main}} -->', '9: has a placeholder in a comment'],
    ['a < b', '9: has a < that begins no tag; write &lt;'],
    ['{{nothing}}', '9: has a placeholder that is not known'],
    ['{{nonce}}', '9: has a placeholder that is not known'],
    ['{{constructor}}', '9: has a placeholder that is not known'],
    ['<p title="{{main}}">', '9: has {{main}} within a tag'],
    ['<p title={{title}}>', '9: has {{title}} in a tag outside of double quotes'],
    [`<p title='{{title}}'>`, '9: has {{title}} in a tag outside of double quotes'],
    ['<p {{title}}>', '9: has {{title}} in a tag outside of double quotes'],
    ['{{style}}', '9: has {{style}} outside of <head>'],
    ['{{main}}', '1: has {{main}} more than once'],
    ['{{links}}', '1: has {{links}} more than once'],
  ])('refuses %s with its line', (line, problem) => {
    expect(
      problemsIn(withBody(line).replace(`<h2 title='it is "{{'>`, '<h2>')).join('\n'),
    ).toContain(problem);
  });

  it.each([
    ['head', 'put it into <head>'],
    ['main', 'put it into <body>'],
  ])('refuses to be without %s', (slot, remedy) => {
    expect(
      problemsIn(SOUND.replace(`{{${slot}}}`, '').replace(`<h2 title='it is "{{'>`, '<h2>')),
    ).toEqual([`1: has no {{${slot}}}; ${remedy}`]);
  });

  it('may say how it is shown, and end its style sheets', () => {
    const lines = [
      '<meta name="theme-color" content="#ffffff">',
      '<a href="https://help.example/{{lang}}" title="{{title}}">?</a>',
      '<style>a > b { content: "</sty" }</style><style>b { color: red }</STYLE>',
    ];
    for (const line of lines) {
      expect(problemsIn(withBody(line).replace(`<h2 title='it is "{{'>`, '<h2>'))).toEqual([]);
    }
  });

  it('takes pictures from the origin of the logo, and from nowhere that only begins like it', () => {
    const origin = 'https://cdn.example';
    const withPicture = (src: string) =>
      problemsIn(
        withBody(`<img src="${src}" alt="">`).replace(`<h2 title='it is "{{'>`, '<h2>'),
        origin,
      );

    expect(withPicture('https://cdn.example/a.png')).toEqual([]);
    expect(withPicture('https://cdn.example.evil.example/a.png')).toHaveLength(1);
    expect(withPicture('https://cdn.example@evil.example/a.png')).toHaveLength(1);
  });
});

describe('pages.template_file', () => {
  const folderOf = (text: string | Uint8Array) =>
    createFolder({
      'asteroid.yaml': `${CONFIG}pages: { template_file: page.html }\n`,
      'page.html': text,
    });

  it('is read, and watched', async () => {
    const { files, pageFiles } = await loadFolder(
      await folderOf('<head>{{head}}</head><body>{{main}}</body>'),
    );

    expect(pageFiles.template).toEqual([
      ...['<head>', { slot: 'head' }, '</head>'],
      ...['<body>', { slot: 'main' }, '</body>'],
    ]);
    expect(files.some((file) => file.endsWith('/page.html'))).toBe(true);
  });

  it('is refused with all that is wrong with it, line by line', async () => {
    const folder = await folderOf('<head>\n<script>\n</head><body onload="x">\n{{main}}\n');

    expect(await problemsOf(folder)).toEqual([
      'page.html:1: template: has no {{head}}; put it into <head>',
      'page.html:2: template: has a script; no page runs any that is not ours',
      'page.html:3: template: has an attribute that would run script; remove it',
    ]);
  });

  it('is refused where it is no text', async () => {
    expect(await problemsOf(await folderOf(Buffer.from('a\nb\xff', 'latin1')))).toEqual([
      'page.html:2: template: is not UTF-8; save it as UTF-8',
    ]);
  });
});
