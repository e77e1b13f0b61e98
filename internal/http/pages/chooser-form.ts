// The form for somebody who is in no file: a field for each claim that applications look at, one for all
// others, and what is wrong beside each.

import {
  CHOOSER_FIELDS,
  type ChooserField,
  type ChooserPage,
  type ChooserProblem,
} from '../../oidc/endpoint.ts';
import { type Html, html, strong } from './html.ts';
import type { Setting } from './setting.ts';

type Texts = Setting['texts']['chooser'];

/** @param hidden what every form of the page sends. */
export const drawChooserForm = (
  page: ChooserPage,
  hidden: readonly Html[],
  action: string,
  texts: Texts,
): Html => html`<form method="post" action="${action}" autocomplete="off">
${hidden}${CHOOSER_FIELDS.map((field) => drawField(field, page, texts))}<button class="main" name="decision" value="enter">${texts.signIn}</button>
</form>
`;

type Drawing = {
  readonly field: ChooserField;
  readonly value: string;
  /** Ties the field to its hint and to what is wrong with it. */
  readonly ties: Html;
  readonly texts: Texts;
};

function drawField(field: ChooserField, { form }: ChooserPage, texts: Texts): Html {
  const [label, hint] = texts.fields[field];
  const problem = form.problems[field];
  const ties =
    problem === undefined
      ? html` aria-describedby="hint-${field}"`
      : html` aria-describedby="hint-${field} wrong-${field}" aria-invalid="true"`;
  const draw = INPUTS.get(field) ?? drawText;
  return html`<div class="field"><label for="${field}">${label}</label>
${draw({ field, value: form.values[field], ties, texts })}<small id="hint-${field}">${hint}</small>
${problem === undefined ? [] : html`<p class="problem" role="alert" id="wrong-${field}">${say(problem, texts)}</p>\n`}</div>
`;
}

/** The rules of users.yaml are written in English. */
const say = ({ kind, claim = '', rule = '' }: ChooserProblem, texts: Texts): Html =>
  texts.problems[kind](strong(claim), html`<span lang="en">${rule}</span>`);

const drawText = ({ field, value, ties }: Drawing): Html =>
  html`<input id="${field}" name="${field}" value="${value}" autocapitalize="none" spellcheck="false"${field === 'sub' ? REQUIRED : []}${ties}>
`;

const REQUIRED = html` required`;

const drawVerified = ({ field, value, ties, texts: { said } }: Drawing): Html =>
  html`<select id="${field}" name="${field}"${ties}>
${VERIFIED.map(
  ([one, key]) =>
    html`<option value="${one}"${one === value ? SELECTED : []}>${said[key]}</option>\n`,
)}</select>
`;

const VERIFIED = [
  ['', 'nothing'],
  ['true', 'yes'],
  ['false', 'no'],
] as const;

const SELECTED = html` selected`;

// The line end is there to be dropped: one that was typed would be else (HTML §13.2.6.4.7).
const drawClaims = ({ field, value, ties }: Drawing): Html =>
  html`<textarea id="${field}" name="${field}" rows="5" spellcheck="false"${ties}>
${value}</textarea>
`;

const INPUTS: ReadonlyMap<ChooserField, (drawing: Drawing) => Html> = new Map([
  ['email_verified', drawVerified],
  ['claims', drawClaims],
]);
