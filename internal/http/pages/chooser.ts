// The page of /choose: everybody in the file as a button, somebody else by a form. All of it works without
// a script, and with nothing but a keyboard.

import type { ChooserPage, ChooserUser } from '../../oidc/endpoint.ts';
import { drawChooserForm } from './chooser-form.ts';
import { CHOOSER_STYLE } from './chooser-style.ts';
import { CHOOSER_TEXTS } from './chooser-texts.ts';
import { type Html, html } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';

const texts = CHOOSER_TEXTS;

/** Asks which End-User to be, where no proxy says it. */
export const drawChooserPage = (page: ChooserPage, nonce: string, action: string): DrawnPage =>
  drawPage({
    title: titleOf(page),
    nonce,
    formAction: [...new Set(["'self'", ...page.leadsTo.flatMap(formActionSources)])],
    ownForm: true,
    style: CHOOSER_STYLE,
    main: html`<h1>${titleOf(page)}</h1>
<p class="soft">${texts.forDevelopment}</p>
${drawWanted(page)}${drawSearch(page, action)}<form method="post" action="${action}">
${drawHidden(page)}${drawAcr(page)}${drawKept(page)}<div class="people">
${page.users.map((user) => drawUser(user, page))}</div>
${drawMore(page)}${page.clientName === undefined ? [] : html`<button name="decision" value="deny">${texts.deny}</button>\n`}</form>
<details${page.form.isOpen ? OPEN : []}>
<summary>${texts.somebodyElse}</summary>
${drawChooserForm(page, action, drawHidden(page))}</details>`,
  });

const OPEN = html` open`;

const titleOf = ({ clientName }: ChooserPage): string =>
  clientName === undefined ? texts.titleAlone : texts.title(clientName);

const drawHidden = ({ hidden }: ChooserPage): readonly Html[] =>
  hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`);

const drawWanted = ({ wanted, clientName = '' }: ChooserPage): Html | readonly Html[] =>
  wanted === undefined
    ? []
    : html`<p>${texts.asksFor(clientName)} <strong>${wanted}</strong>.</p>\n`;

/** Looks at the issuer, since no script looks here. */
const drawSearch = (page: ChooserPage, action: string): Html | readonly Html[] =>
  page.search.isShown
    ? html`<form class="search" method="get" action="${action}" role="search">
${drawHidden(page)}<label for="q">${texts.search}</label>
<input id="q" type="search" name="q" value="${page.search.query}" autocomplete="off">
<button>${texts.find}</button>
</form>
`
    : [];

/** The client wishes one of these; whether it gets it is for whoever sits here to say. */
const drawAcr = ({ acrValues }: ChooserPage): Html | readonly Html[] =>
  acrValues.length === 0
    ? []
    : html`<label for="wished-acr">${texts.wishedAcr}</label>
<select id="wished-acr" name="acr">
${acrValues.map((value) => html`<option>${value}</option>\n`)}<option value="">${texts.nothing}</option>
</select>
`;

const drawKept = ({ isEntered, current = '' }: ChooserPage): Html | readonly Html[] =>
  isEntered
    ? html`<div class="row"><button class="person main" name="decision" value="keep"><span>${texts.keep(current)}</span></button>
${drawEdit(current)}</div>
`
    : [];

function drawUser({ subject, name }: ChooserUser, page: ChooserPage): Html {
  const isWanted = page.wanted !== undefined && page.users[0]?.subject === subject;
  const note = page.current === subject ? html` · ${texts.signedIn}` : [];
  return html`<div class="row"><button class="person" name="user" value="${subject}"${isWanted ? AUTOFOCUS : []}>
<b aria-hidden="true">${initial(name)}</b><span>${name}<small>${subject}${note}</small></span></button>
${drawEdit(subject)}</div>
`;
}

const AUTOFOCUS = html` autofocus`;

/** The same page, with the claims of this one in the fields. */
const drawEdit = (subject: string): Html =>
  html`<button class="edit" formmethod="get" name="as" value="${subject}">${texts.edit}<span class="unseen"> ${subject}</span></button>`;

const drawMore = ({ search, users }: ChooserPage): Html | readonly Html[] => {
  if (search.more > 0) return html`<p class="soft">${texts.more(search.more)}</p>\n`;
  return users.length === 0 ? html`<p class="soft" role="status">${texts.nobody}</p>\n` : [];
};

const initial = (name: string): string => (Array.from(name)[0] ?? '?').toUpperCase();
