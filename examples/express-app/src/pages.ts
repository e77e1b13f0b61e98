// The pages. Every value is toTextd where it is written, by the tag, so that nobody can forget it.

import type { Problem } from './problem.ts';

// A symbol, because no value that came from outside can have one.
const HTML = Symbol('html');
type Html = { readonly [HTML]: string };

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const isHtml = (value: unknown): value is Html =>
  typeof value === 'object' && value !== null && HTML in value;

const toText = (value: unknown): string =>
  isHtml(value) ? value[HTML] : String(value).replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');

const html = (parts: TemplateStringsArray, ...values: readonly unknown[]): Html => ({
  [HTML]: String.raw({ raw: parts }, ...values.map((value) => [value].flat().map(toText).join(''))),
});

const page = (title: string, content: Html): string =>
  html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`[HTML];

/** @param sub whoever is signed in. */
export const homePage = (sub: string | undefined): string =>
  sub === undefined
    ? page('Welcome', html`<p>You are not signed in.</p><p><a href="/login">Sign in</a></p>`)
    : page(
        'Welcome',
        html`<p>You are signed in as <strong>${sub}</strong>.</p>
<p><a href="/profile">Profile</a></p>
<form method="post" action="/logout"><button>Sign out</button></form>`,
      );

/** What the issuer tells of somebody, by claim. */
export const profilePage = (claims: Readonly<Record<string, unknown>>): string =>
  page(
    'Profile',
    html`<dl>${Object.entries(claims).map(
      ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`,
    )}</dl>
<p><a href="/">Back</a></p>`,
  );

export const problemPage = ({ title, advice, reference }: Problem): string =>
  page(
    title,
    html`<p>${advice}</p><p><a href="/login">Try again</a></p>
<p><small>Reference: ${reference}</small></p>`,
  );
