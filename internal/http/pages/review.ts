import type {
  Page,
  ReviewedApplication,
  ReviewedSignIn,
  ReviewNotice,
} from '../../oidc/endpoint.ts';
import { drawScopes } from './asked.ts';
import { type Html, html, listed, name, strong } from './html.ts';
import { type DrawnPage, drawPage, frameSources } from './layout.ts';
import { drawLinks, drawLogo } from './links.ts';
import { drawDay, drawMinute } from './moment.ts';
import type { Setting } from './setting.ts';

const NOTHING: readonly Html[] = [];

/** What an End-User granted, and for each a form that ends it; nothing else on the page changes anything. */
export function drawReviewPage(
  page: Extract<Page, { kind: 'review' }>,
  setting: Setting,
): DrawnPage {
  const { review, asked } = setting.texts;
  const { applications } = page;
  const isEmpty = applications.length === 0;
  return drawPage(setting, {
    title: review.title,
    formAction: ["'self'"],
    pictures: pictureSources(applications.flatMap(({ links }) => links.logoUri ?? [])),
    ownForm: true,
    main: html`<h1>${review.heading}</h1>
${page.notice === undefined ? NOTHING : drawNotice(page.notice, setting)}<p>${asked.youAre(strong(page.subject))} ${isEmpty ? review.none : review.text}</p>
${applications.map((application, index) => drawApplication(application, { index, isOpen: applications.length <= MOST_OPEN }, setting))}${
  page.isPartial ? html`<p class="warning">${review.partial}</p>\n` : NOTHING
}${isEmpty ? NOTHING : html`<div class="everything"><p><a class="button" href="${withAll(setting)}">${review.all}</a></p>\n<p class="soft">${review.after}</p></div>`}`,
  });
}

/** Of a header: proxies have 4 KiB or 8 KiB for all of them, and answer 502 to more. */
const MAX_POLICY = 1500;

/** Whoever granted something to hundreds can end that, too. */
function pictureSources(urls: readonly string[]): readonly string[] {
  const sources = frameSources(urls);
  return sources.join(' ').length <= MAX_POLICY
    ? sources
    : [...new Set(urls.map((url) => new URL(url).protocol))];
}

function withAll({ action }: Setting): string {
  const address = action('review');
  return `${address}${address.includes('?') ? '&' : '?'}all=1`;
}

function drawNotice(notice: ReviewNotice, { texts: { review } }: Setting): Html {
  const text =
    notice.kind === 'everything'
      ? review.notice.everything
      : review.notice[notice.kind](name(notice.clientName));
  return html`<p class="notice" role="status">${text}</p>\n`;
}

type Place = {
  readonly index: number;
  /** What it has access to is read without a click. */
  readonly isOpen: boolean;
};

function drawApplication(
  application: ReviewedApplication,
  { index, isOpen }: Place,
  setting: Setting,
): Html {
  const { clientName, links, isKnown, hosts, scope, signIns, isRemembered, handle } = application;
  const { texts } = setting;
  const { review } = texts;
  const client = name(clientName);
  const id = `app_${index}`;
  return html`<section class="app" aria-labelledby="${id}">
${drawLogo(links)}<h2 id="${id}">${client}</h2>
${isKnown ? NOTHING : html`<p class="soft">${review.unknown}</p>\n`}${
  hosts.length === 0 ? NOTHING : html`<p class="soft">${review.host(listed(hosts))}</p>\n`
}${scope.length === 0 ? NOTHING : drawAccess(application, isOpen, setting)}${drawFacts(application, setting)}${
  isRemembered ? html`<p class="soft">${review.agreed}</p>\n` : NOTHING
}${signIns.length > 1 ? drawSignIns(application, setting) : NOTHING}${drawLinks(
  { clientName, links },
  texts,
)}${drawForm(
  handle,
  signIns.length === 0 ? review.forget(client) : review.endApplication(client),
  setting,
)}</section>
`;
}

/** Of more applications than this, a list that tells them apart is worth more than what each may see. */
const MOST_OPEN = 3;

const drawAccess = ({ scope }: ReviewedApplication, isOpen: boolean, setting: Setting): Html =>
  html`<details class="access"${isOpen ? OPEN : NOTHING}>
<summary>${setting.texts.review.scopes}</summary>
${drawScopes(scope, setting)}</details>
`;

const OPEN = html` open`;

function drawFacts(
  { since, usedAt }: Pick<ReviewedSignIn, 'since' | 'usedAt'>,
  setting: Setting,
): Html {
  const { review } = setting.texts;
  return html`<dl class="facts">
<div><dt>${review.since}</dt><dd>${drawDay(since, setting)}</dd></div>
<div><dt>${review.usedAt}</dt><dd>${usedAt === undefined ? review.never : drawMinute(usedAt, setting)}</dd></div>
</dl>
`;
}

function drawSignIns({ signIns, others }: ReviewedApplication, setting: Setting): Html {
  const { review } = setting.texts;
  return html`<details>
<summary>${review.signIns(signIns.length + others)}</summary>
<ul class="places" role="list">
${signIns.map((signIn) => drawSignIn(signIn, setting))}${
  others === 0 ? NOTHING : html`<li class="soft">${review.others(others)}</li>\n`
}</ul>
</details>
`;
}

function drawSignIn(signIn: ReviewedSignIn, setting: Setting): Html {
  const { review } = setting.texts;
  const { where, isOffline, since, handle } = signIn;
  const place = review.places[where];
  // Many buttons say the same; whoever hears them has to tell them apart.
  const label = html`${review.endSignIn}<span class="unseen">: ${place}, ${drawDay(since, setting)}</span>`;
  return html`<li><p><strong>${place}</strong>${
    isOffline ? html` <span class="soft">${review.offline}</span>` : NOTHING
  }</p>
${drawFacts(signIn, setting)}${drawForm(handle, label, setting)}</li>
`;
}

const drawForm = (handle: string, label: Html, { action }: Setting): Html =>
  html`<form method="post" action="${action('review')}">
<input type="hidden" name="handle" value="${handle}">
<button name="decision" value="end">${label}</button>
</form>
`;
