// What all pages share: no resource from anywhere, no script but the one a page names, and a policy
// that says so.

import type { Slot } from '../../protocol/page-template.ts';
import { drawBrand, drawBrandLinks } from './frame.ts';
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
  /** Runs when the page is there. */
  readonly script?: string;
  /** The form comes back to us, and has to say from where. */
  readonly ownForm?: boolean;
};

/** The whole document. Forms work without script; the page itself is never in a frame. */
export function drawPage(setting: Setting, parts: PageParts): DrawnPage {
  const values = fill(setting, parts);
  const body = setting.brand.template
    .map((part) => (typeof part === 'string' ? part : printHtml(values[part.slot])))
    .join('');
  return { body, policy: printPolicy(setting, parts) };
}

/** What stands at each place of the template. */
function fill(setting: Setting, parts: PageParts): { readonly [Name in Slot]: Html } {
  const { nonce, texts, brand, host } = setting;
  const { main, script, ownForm = false } = parts;
  const title = html`${parts.title} · ${brand.name ?? host}`;
  return {
    nonce: html`${nonce}`,
    lang: html`${texts.lang}`,
    dir: html`${texts.dir}`,
    title,
    head: html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${ownForm ? REFERRER : []}<title>${title}</title>`,
    style: html`<style nonce="${nonce}">${verbatim(brand.style)}</style>`,
    brand: drawBrand(setting),
    main: html`<main>
${main}
</main>
${script === undefined ? [] : html`<script nonce="${nonce}">${verbatim(script)}</script>\n`}`,
    links: drawBrandLinks(setting),
  };
}

function printPolicy(
  { nonce, brand }: Setting,
  { formAction = ["'none'"], frames = [], pictures = [], script }: PageParts,
): string {
  const shown = [
    ...new Set([...pictures, ...(brand.logo === undefined ? [] : [pictureSource(brand.logo)])]),
  ];
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    ...(script === undefined ? [] : [`script-src 'nonce-${nonce}'`]),
    ...(frames.length === 0 ? [] : [`frame-src ${frames.join(' ')}`]),
    ...(shown.length === 0 ? [] : [`img-src ${shown.join(' ')}`]),
    `form-action ${formAction.join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** A picture runs nothing, not even one that is written out. */
const pictureSource = (url: string): string =>
  url.startsWith('data:image/') ? 'data:' : frameSources([url]).join();

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
