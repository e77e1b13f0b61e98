// What all pages share: no resource from anywhere, no script but the one a page names, and a policy
// that says so.

import { type Html, html, printHtml, verbatim } from './html.ts';
import type { Setting } from './setting.ts';

/** A page as it goes out: the text, and the policy that belongs to exactly this text. */
export type DrawnPage = { readonly body: string; readonly policy: string };

export type PageParts = {
  readonly title: string;
  readonly main: Html;
  /** Where forms may lead, in words of CSP; without any there is no form. */
  readonly formAction?: readonly string[];
  /** What is shown in frames, in words of CSP. */
  readonly frames?: readonly string[];
  /** Whence pictures may be loaded, in words of CSP. */
  readonly pictures?: readonly string[];
  /** Rules for what no other page has. */
  readonly style?: string;
  /** Runs when the page is there. */
  readonly script?: string;
  /** The form comes back to us, and has to say from where. */
  readonly ownForm?: boolean;
};

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #566173; --paper: #fff; --back: #eef1f5;
  --line: #d3d9e2; --main: #2456c8; --on-main: #fff; --tint: #e7edfb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --soft: #a3adbc; --paper: #1b212b;
  --back: #11151b; --line: #39424f; --main: #86a9ff; --on-main: #0c1630; --tint: #26324a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--back); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main > :last-child { margin-bottom: 0; }
main { width: 100%; max-width: 26rem; padding: 2rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: .9rem; overflow-wrap: anywhere; }
img.logo { display: block; max-width: 6rem; max-height: 4rem; margin: 0 0 1rem; }
h1 { margin: 0 0 .75rem; font-size: 1.35rem; line-height: 1.3; }
p { margin: 0 0 1rem; } ul { margin: 0 0 1.25rem; padding-left: 1.2rem; }
small, .soft { color: var(--soft); font-size: .875rem; }
form { display: grid; gap: .6rem; margin: 1.25rem 0 0; }
label { font-weight: 600; }
input { width: 100%; padding: .7rem 1rem; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--back); color: inherit; font: inherit; }
.code, #user_code { font: 600 1.5rem/1.5 ui-monospace, monospace; letter-spacing: .12em; text-align: center; }
#user_code { text-transform: uppercase; }
button { width: 100%; padding: .7rem 1rem; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--paper); color: inherit; font: inherit; cursor: pointer; }
button:hover { border-color: var(--main); background: var(--tint); }
button:focus-visible, input:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
button.main { border-color: var(--main); background: var(--main); color: var(--on-main);
  font-weight: 600; }
button.person { display: flex; align-items: center; gap: .85rem; text-align: left; }
.person b { flex: none; display: grid; place-items: center; width: 2.4rem; height: 2.4rem;
  border-radius: 50%; background: var(--tint); color: var(--main); }
.person small { display: block; }
`;

/** The whole document. Forms work without script; the page itself is never in a frame. */
export function drawPage(
  { nonce, texts }: Setting,
  {
    title,
    main,
    formAction = ["'none'"],
    frames = [],
    pictures = [],
    style = '',
    script,
    ownForm = false,
  }: PageParts,
): DrawnPage {
  const document = html`<!doctype html>
<html lang="${texts.lang}" dir="${texts.dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${ownForm ? REFERRER : []}<title>${title}</title>
<style nonce="${nonce}">${verbatim(STYLE + style)}</style>
</head>
<body>
<main>
${main}
</main>
${script === undefined ? [] : html`<script nonce="${nonce}">${verbatim(script)}</script>\n`}</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    ...(script === undefined ? [] : [`script-src 'nonce-${nonce}'`]),
    ...(frames.length === 0 ? [] : [`frame-src ${frames.join(' ')}`]),
    ...(pictures.length === 0 ? [] : [`img-src ${pictures.join(' ')}`]),
    `form-action ${formAction.join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return { body: printHtml(document), policy: policy.join('; ') };
}

// Under `no-referrer` a browser sends our own form with `Origin: null` (Fetch §3.2), which is what a
// sandboxed frame of a stranger sends as well.
const REFERRER = html`<meta name="referrer" content="same-origin">\n`;

const SCRIPT_SCHEMES: ReadonlySet<string> = new Set(['javascript:', 'data:', 'vbscript:', 'blob:']);

/** The same text; throws when it would run as script where a browser goes to it. */
export function checkNoScript(url: string): string {
  const [scheme = ''] = /^[^/?#]*?:/.exec(url) ?? [];
  if (SCRIPT_SCHEMES.has(scheme.toLowerCase())) throw new Error('a link would run as script');
  return url;
}

/**
 * Where a form that ends at this redirect URI has to be allowed to lead. Browsers hold every redirect
 * after a form against `form-action`, those of the client included: one that takes the answer at one
 * origin and sends the person on to another would be stuck, so that only schemes can be named for
 * certain. Throws on a scheme that would run as script.
 */
export function formActionSources(redirectUri: string): readonly string[] {
  const { protocol, origin, hostname } = new URL(redirectUri);
  if (SCRIPT_SCHEMES.has(protocol)) throw new Error('a redirect URI would run as script');
  if (protocol !== 'https:' && protocol !== 'http:') return [protocol];
  const schemes = protocol === 'http:' ? ['http:', 'https:'] : ['https:'];
  return isCspHost(hostname) ? [origin, ...schemes] : schemes;
}

/** What a page that shows these URLs has to be allowed, in frames or as pictures; throws on a scheme that would run as script. */
export const frameSources = (urls: readonly string[]): readonly string[] => [
  ...new Set(
    urls.map((url) => {
      const { protocol, origin, hostname } = new URL(checkNoScript(url));
      return isCspHost(hostname) ? origin : protocol;
    }),
  ),
];

/** A host outside of these letters could end the directive, or is no CSP host at all (IPv6). */
const isCspHost = (hostname: string): boolean => /^[a-z0-9.-]+$/.test(hostname);
