// The document around every page of the console: where one is, who one is, and a policy that lets nothing
// load, run or frame it.

import { type Html, html, printHtml, verbatim } from '../../pages/html.ts';
import { NOTHING, PREFIX, value } from './parts.ts';
import { STYLE } from './style.ts';

/** In the order in which people look for what is wrong. */
const NAV = [
  ['', 'Overview'],
  ['/clients', 'Clients'],
  ['/authorizations', 'Authorizations'],
  ['/sessions', 'Sessions'],
  ['/users', 'Users'],
  ['/keys', 'Keys'],
  ['/audit', 'Audit'],
  ['/identity', 'Identity'],
  ['/configuration', 'Configuration'],
] as const;

export type Place = (typeof NAV)[number][0];

/** Who looks, and by what they are asked. */
export type Viewer = {
  /** As it is on record. */
  readonly name: string;
  readonly role: 'read' | 'write';
  /** Of every form they are given. */
  readonly proof: string;
  /** False where nothing is to be ended: a certificate goes on to count. */
  readonly canLeave: boolean;
};

export type Sheet = {
  readonly title: string;
  readonly main: Html;
  readonly place?: Place | undefined;
  readonly status?: number;
};

export type Frame = {
  readonly issuer: string;
  /** Fresh for each page. */
  readonly nonce: string;
  /** Undefined where nobody is known. */
  readonly viewer: Viewer | undefined;
  /** Above everything: why not all of it can be done. */
  readonly banner?: Html | undefined;
};

export type Drawn = {
  readonly status: number;
  readonly body: string;
  readonly policy: string;
};

const LOGO = html`<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9" fill="var(--main)"/><path d="M16 6.5l2.6 6.9 6.9 2.6-6.9 2.6L16 25.5l-2.6-6.9L6.5 16l6.9-2.6z" fill="var(--on-main)"/></svg>`;

export function drawSheet(sheet: Sheet, frame: Frame): Drawn {
  const { nonce, viewer } = frame;
  const content = viewer === undefined ? drawNarrow(sheet) : drawWide(sheet, frame, viewer);
  const body = printHtml(html`<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="same-origin">
<title>${sheet.title} · Asteroid</title>
<style nonce="${nonce}">${verbatim(STYLE)}</style>
</head>
<body>
${content}</body>
</html>
`);
  return { status: sheet.status ?? 200, body, policy: printPolicy(nonce) };
}

/** A nonce of this page, as base64url: nothing of it can end the directive. */
const printPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

const drawNarrow = ({ main }: Sheet): Html => html`<div class="narrow">
<span class="home">${LOGO} Asteroid console</span>
<main class="card" id="main">
${main}</main>
</div>
`;

const drawWide = ({ main, place }: Sheet, { issuer, banner }: Frame, viewer: Viewer): Html =>
  html`<a class="skip" href="#main">Skip to the page</a>
<header class="top">
<a class="home" href="${PREFIX}">${LOGO} Asteroid</a>
<span class="where">${value(issuer)}</span>
<div class="who"><span>${value(viewer.name)} <span class="state plain">${viewer.role}</span></span>${viewer.canLeave ? drawLeave(viewer) : NOTHING}</div>
</header>
<div class="frame">
<nav aria-label="Console"><ul role="list">
${NAV.map(([path, name]) => html`<li><a href="${PREFIX}${path}"${path === place ? CURRENT : NOTHING}>${name}</a></li>\n`)}</ul></nav>
<main id="main" tabindex="-1">
${banner ?? NOTHING}${main}</main>
</div>
`;

const CURRENT = html` aria-current="page"`;

const drawLeave = ({ proof }: Viewer): Html =>
  html`<form method="post" action="${PREFIX}/sign-out"><input type="hidden" name="proof" value="${proof}"><button>Sign out</button></form>`;
