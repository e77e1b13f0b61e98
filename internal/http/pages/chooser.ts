// The page of /choose: everybody in the file as a button, somebody else by a form. All of it works without
// a script, and with nothing but a keyboard.

import type { ChooserPage, ChooserUser } from '../../oidc/endpoint.ts';
import { drawChooserForm } from './chooser-form.ts';
import { CHOOSER_STYLE } from './chooser-style.ts';
import { type Html, html, name, strong } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';
import type { Setting } from './setting.ts';

type Texts = Setting['texts']['chooser'];

/** Asks which End-User to be, where no proxy says it. */
export function drawChooserPage(page: ChooserPage, setting: Setting): DrawnPage {
  const { chooser: texts, words } = setting.texts;
  const { clientName, leadsTo, form } = page;
  const action = setting.action('choose');
  const hidden = drawHidden([...page.hidden, ...queryOf(action)]);
  return drawPage(setting, {
    title: clientName === undefined ? texts.alone : texts.title(clientName),
    formAction: [...new Set(["'self'", ...leadsTo.flatMap(formActionSources)])],
    ownForm: true,
    style: CHOOSER_STYLE,
    main: html`<h1>${clientName === undefined ? texts.alone : texts.heading(name(clientName))}</h1>
<p class="soft">${texts.forDevelopment}</p>
${drawWanted(page, texts)}${page.search.isShown ? drawSearch(page, hidden, action, texts) : []}<form method="post" action="${action}">
${hidden}${drawAcr(page, texts)}${drawKept(page, texts)}<div class="people">
${page.users.map((user, index) => drawUser(user, `who-${index}`, page, texts))}</div>
${drawRest(page, texts)}${clientName === undefined ? [] : html`<button name="decision" value="deny">${words.deny}</button>\n`}</form>
<details${form.isOpen ? OPEN : []}>
<summary>${texts.somebodyElse}</summary>
${drawChooserForm(page, hidden, action, texts)}</details>`,
  });
}

const OPEN = html` open`;

const drawHidden = (fields: ChooserPage['hidden']): readonly Html[] =>
  fields.map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">\n`);

/** What a form that looks something up would lose: its fields replace the query (HTML §4.10.22.3). */
function queryOf(action: string): ChooserPage['hidden'] {
  const [, query = ''] = action.split('?');
  return [...new URLSearchParams(query)];
}

const drawWanted = ({ wanted, clientName }: ChooserPage, texts: Texts): Html | readonly Html[] =>
  wanted === undefined || clientName === undefined
    ? []
    : html`<p>${texts.wanted(name(clientName), strong(wanted))}</p>\n`;

/** Asks the issuer, since no script looks here. */
const drawSearch = (
  { search }: ChooserPage,
  hidden: readonly Html[],
  action: string,
  texts: Texts,
): Html => html`<form class="search" method="get" action="${action}" role="search">
${hidden}<label for="q">${texts.search}</label>
<input id="q" type="search" name="q" value="${search.query}" autocomplete="off">
<button>${texts.find}</button>
</form>
`;

/** The client wishes one of these; whether it gets it is for whoever sits here to say. */
const drawAcr = ({ acrValues }: ChooserPage, texts: Texts): Html | readonly Html[] =>
  acrValues.length === 0
    ? []
    : html`<label for="wished-acr">${texts.wishedAcr}</label>
<select id="wished-acr" name="acr">
${acrValues.map((value) => html`<option>${value}</option>\n`)}<option value="">${texts.said.nothing}</option>
</select>
`;

const drawKept = ({ isEntered, current = '' }: ChooserPage, texts: Texts) =>
  isEntered
    ? html`<div class="row"><button class="main" name="decision" value="keep" id="who-kept">${texts.keep(name(current))}</button>
${drawEdit(current, 'who-kept', texts)}</div>
`
    : [];

function drawUser(user: ChooserUser, id: string, page: ChooserPage, texts: Texts): Html {
  const { subject } = user;
  const isWanted = page.wanted !== undefined && page.users[0] === user && !page.form.isOpen;
  const note = page.current === subject ? html` · ${texts.signedIn}` : [];
  return html`<div class="row"><button class="person" name="user" value="${subject}"${isWanted ? AUTOFOCUS : []}>
<b aria-hidden="true">${initial(user.name)}</b><span id="${id}">${name(user.name)}<small>${name(subject)}${note}</small></span></button>
${drawEdit(subject, id, texts)}</div>
`;
}

const AUTOFOCUS = html` autofocus`;

/** The same page, with the claims of this one in the fields. @param who what says whose. */
const drawEdit = (subject: string, who: string, texts: Texts): Html =>
  html`<button class="edit" formmethod="get" name="as" value="${subject}" aria-describedby="${who}">${texts.edit}</button>`;

function drawRest({ search, users }: ChooserPage, texts: Texts): Html | readonly Html[] {
  if (search.more > 0) return html`<p class="soft">${texts.more(search.more)}</p>\n`;
  return users.length === 0 ? html`<p class="soft" role="status">${texts.nobody}</p>\n` : [];
}

const initial = (text: string): string => (Array.from(text)[0] ?? '?').toUpperCase();
