// The form for somebody who is in no file: a field for each claim that applications look at, one for all
// others, and what is wrong beside each.

import type { ChooserField, ChooserPage } from '../../oidc/endpoint.ts';
import { CHOOSER_TEXTS } from './chooser-texts.ts';
import { type Html, html } from './html.ts';

const texts = CHOOSER_TEXTS;

/** @param hidden what every form of the page sends. */
export const drawChooserForm = (
  page: ChooserPage,
  action: string,
  hidden: readonly Html[],
): Html => html`<form method="post" action="${action}" autocomplete="off">
${hidden}${ORDER.map((field) => drawField(field, page))}<button class="main" name="decision" value="enter">${texts.signIn}</button>
</form>
`;

const ORDER: readonly ChooserField[] = [
  'sub',
  'name',
  'email',
  'email_verified',
  'groups',
  'acr',
  'amr',
  'ago',
  'claims',
];

type Drawing = {
  readonly field: ChooserField;
  readonly value: string;
  /** Ties the field to its hint and to what is wrong with it. */
  readonly described: Html | readonly Html[];
};

function drawField(field: ChooserField, { form }: ChooserPage): Html {
  const { label, hint } = texts.fields[field];
  const problem = form.problems[field];
  const ids = [
    ...(hint === '' ? [] : [`hint-${field}`]),
    ...(problem === undefined ? [] : [`wrong-${field}`]),
  ];
  const described =
    ids.length === 0
      ? []
      : html` aria-describedby="${ids.join(' ')}"${problem === undefined ? [] : INVALID}`;
  const drawing = { field, value: form.values[field], described };
  return html`<label for="${field}">${label}</label>
${drawInput(drawing)}${hint === '' ? [] : html`<small id="hint-${field}">${hint}</small>\n`}${problem === undefined ? [] : html`<p class="wrong" role="alert" id="wrong-${field}">${label}: ${problem}</p>\n`}`;
}

const INVALID = html` aria-invalid="true"`;

const drawInput = (drawing: Drawing): Html => (INPUTS.get(drawing.field) ?? drawText)(drawing);

const drawText = ({ field, value, described }: Drawing): Html =>
  html`<input id="${field}" name="${field}" value="${value}" autocapitalize="none" spellcheck="false"${field === 'sub' ? REQUIRED : []}${described}>
`;

const REQUIRED = html` required`;

const drawVerified = ({ field, value, described }: Drawing): Html =>
  html`<select id="${field}" name="${field}"${described}>
${Object.entries(texts.verified).map(
  ([one, text]) => html`<option value="${one}"${one === value ? SELECTED : []}>${text}</option>\n`,
)}</select>
`;

const SELECTED = html` selected`;

// A line end at the beginning would be lost (HTML §13.1.2.5).
const drawClaims = ({ field, value, described }: Drawing): Html =>
  html`<textarea id="${field}" name="${field}" rows="5" spellcheck="false"${described}>
${value}</textarea>
`;

const INPUTS: ReadonlyMap<ChooserField, (drawing: Drawing) => Html> = new Map([
  ['email_verified', drawVerified],
  ['claims', drawClaims],
]);
