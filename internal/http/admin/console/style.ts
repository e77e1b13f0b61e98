// How the console looks: the colours and forms of the other pages, on a page that is as wide as a desk.

import { paletteFor, printPalette } from '../../pages/palette.ts';
import { PLOT_STYLE } from './plot-style.ts';

const RULES = `
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; background: var(--back); color: var(--ink);
  line-height: 1.5; font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
    "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
a { color: var(--mark); text-underline-offset: .2em; text-decoration-thickness: .06em; }
h1 { margin: 0 0 .35rem; font-size: 1.625rem; line-height: 1.25; font-weight: 650;
  letter-spacing: -.014em; text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin: 0 0 .75rem; font-size: 1.0625rem; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; text-wrap: pretty; }
h1 + .card { margin-top: 1rem; }
small, .soft { color: var(--soft); font-size: .9375rem; }
code, .code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: .875em; overflow-wrap: anywhere; }
bdi { overflow-wrap: anywhere; } bdi.short { overflow-wrap: normal; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
.skip { position: absolute; inset-inline-start: 1rem; top: -4rem; padding: .75rem 1rem;
  background: var(--paper); border-radius: .75rem; z-index: 1; }
.skip:focus { top: .5rem; }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; padding: .625rem 1.25rem;
  background: var(--paper); border-bottom: 1px solid var(--line); }
.home { display: flex; align-items: center; gap: .625rem; min-height: 2.75rem; color: var(--ink);
  font-weight: 650; letter-spacing: -.01em; text-decoration: none; }
.home svg { width: 1.75rem; height: 1.75rem; flex: none; }
.where { color: var(--soft); font-size: .9375rem; overflow-wrap: anywhere; }
.who { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .875rem; margin-inline-start: auto;
  font-size: .9375rem; overflow-wrap: anywhere; }
.frame { max-width: 92rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; display: grid; gap: 1rem 2rem;
  grid-template-columns: minmax(0, 1fr); }
nav ul { display: flex; flex-wrap: wrap; gap: .125rem; margin: 0; padding: 0; list-style: none; }
nav a { display: flex; align-items: center; min-height: 2.75rem; padding: .375rem .5rem;
  border-radius: .75rem; color: var(--soft); font-size: .875rem; font-weight: 550; text-decoration: none; }
nav a:hover { background: var(--tint); color: var(--ink); }
nav a[aria-current] { background: var(--paper); color: var(--mark); box-shadow: inset 0 0 0 1px var(--line); }
main { min-width: 0; }
main:focus { outline: none; }
@media (min-width: 62rem) {
  .frame { grid-template-columns: 11.5rem minmax(0, 1fr); padding-top: 1.75rem; }
  nav a { padding-inline: .875rem; font-size: .9375rem; }
  nav ul { flex-direction: column; gap: .25rem; position: sticky; top: 1.25rem; } }

.lead { max-width: 46rem; color: var(--soft); }
.card { margin: 0 0 1.25rem; padding: clamp(1rem, 3vw, 1.5rem); background: var(--paper);
  border: 1px solid var(--line); border-radius: 1.125rem; overflow-wrap: anywhere;
  box-shadow: 0 1px 2px rgb(0 0 0 / .04); }
.card > :last-child { margin-bottom: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1.25rem;
  margin-bottom: 1.25rem; }
.cards .card { margin: 0; }
.tiles { display: flex; flex-wrap: wrap; gap: 1px;
  margin: 0 0 1.25rem; overflow: hidden; background: var(--line); border: 1px solid var(--line);
  border-radius: 1.125rem; }
.tiles div { flex: 1 1 9rem; padding: .875rem 1rem; background: var(--paper); }
.tiles dt { color: var(--soft); font-size: .875rem; }
.tiles dd { margin: .125rem 0 0; font-size: 1.1875rem; font-weight: 600; overflow-wrap: anywhere; }
.tiles .state { white-space: nowrap; }
.tiles dd small { display: block; font-weight: 400; font-size: .875rem; }
.facts { display: grid; gap: 0; margin: 0 0 1rem; }
.facts > div { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1.5rem; padding: .5rem 0;
  border-top: 1px solid var(--line); }
.facts > div:first-child { border-top: 0; }
.facts dt { color: var(--soft); font-size: .9375rem; }
.facts dd { margin: 0; min-width: 0; }
@media (min-width: 40rem) {
  .facts { grid-template-columns: fit-content(20rem) minmax(0, 1fr); column-gap: 1.5rem; }
  .facts > div { grid-column: 1 / -1; grid-template-columns: 13rem minmax(0, 1fr);
    grid-template-columns: subgrid; } }

.notice, .warning, .problem { margin: 0 0 1rem; padding: .875rem 1rem; border: 0 solid; border-radius: .75rem;
  border-inline-start-width: .3rem; overflow-wrap: anywhere; }
.notice { background: var(--paper); box-shadow: inset 0 0 0 1px var(--line); border-color: var(--mark); }
.warning { color: var(--care); background: var(--care-tint); }
.problem { color: var(--alarm); background: var(--alarm-tint); }
.warning a, .problem a { color: inherit; }
.hints { margin: 0 0 1.25rem; padding: 0; list-style: none; display: grid; gap: .5rem; }
.hints li { margin: 0; }
.state { display: inline-flex; align-items: center; gap: .4rem; padding: .0625rem .625rem; border-radius: 1rem;
  background: var(--tint); font-size: .875rem; font-weight: 550; max-width: 100%; overflow-wrap: anywhere; }
.state::before { content: ""; flex: none; width: .5rem; height: .5rem; border-radius: 50%; background: var(--soft); }
.state.good::before { background: var(--good); }
.state.care { background: var(--care-tint); color: var(--care); }
.state.care::before { background: var(--care); border-radius: 0; transform: rotate(45deg) scale(.85); }
.state.alarm { background: var(--alarm-tint); color: var(--alarm); }
.state.alarm::before { background: var(--alarm); border-radius: 0; }
.letter { padding: 0 .25rem; background: var(--alarm-tint); color: var(--alarm); border-radius: .25rem;
  font-size: .8125em; unicode-bidi: isolate; }
.label { color: var(--soft); font-size: .875rem; }
.empty { padding: 2.25rem 1rem; text-align: center; color: var(--soft); }
.empty strong { display: block; color: var(--ink); font-weight: 600; }

table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th { padding: .375rem .75rem; color: var(--soft); font-size: .8125rem; font-weight: 550; text-align: start;
  vertical-align: bottom; white-space: nowrap; }
td { padding: .625rem .75rem; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th:first-child, td:first-child { padding-inline-start: 0; }
th:last-child, td:last-child { padding-inline-end: 0; }
td.number, th.number { text-align: end; font-variant-numeric: tabular-nums; }
td.acts { width: 1%; white-space: nowrap; text-align: end; }
td time { white-space: nowrap; }
time, .number { font-variant-numeric: tabular-nums; }
time + small, td small { display: block; }
@media (max-width: 47.99rem) {
  table.rows thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table.rows, table.rows tbody, table.rows tr, table.rows td { display: block; }
  table.rows tr { padding: .75rem 0; border-top: 1px solid var(--line); }
  table.rows tbody tr:first-child { border-top: 0; padding-top: 0; }
  table.rows tbody tr:last-child { padding-bottom: 0; }
  table.rows td { padding: .125rem 0; border: 0; display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .75rem; }
  table.rows td:has(> div:empty) { display: none; }
  table.rows td::before { content: attr(data-of); color: var(--soft); font-size: .875rem; }
  table.rows td.acts { width: auto; text-align: start; white-space: normal; }
  table.rows td.acts::before { content: ""; } }

form.search { display: flex; flex-wrap: wrap; align-items: end; gap: .75rem 1rem; margin: 0 0 1.25rem; }
form.search label { flex: 1 1 12rem; min-width: 0; }
label { display: grid; gap: .25rem; color: var(--soft); font-size: .875rem; font-weight: 550; }
input, select, textarea { width: 100%; min-height: 2.75rem; padding: .5rem .875rem; border: 1px solid var(--edge);
  border-radius: .75rem; background: var(--paper); color: var(--ink); font: inherit; }
label.check { display: flex; align-items: center; gap: .625rem; min-height: 2.75rem; color: var(--ink); font-size: 1rem; }
label.check input { width: 1.25rem; min-height: 1.25rem; height: 1.25rem; accent-color: var(--main); }
form.stack { display: grid; gap: 1rem; max-width: 30rem; margin: 1.25rem 0 0; }
button, .button { display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem;
  padding: .5rem 1rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--paper);
  color: var(--ink); font: inherit; font-size: .9375rem; font-weight: 550; text-decoration: none; cursor: pointer;
  overflow-wrap: anywhere; text-align: center; }
button:hover, .button:hover { border-color: var(--edge); background: var(--tint); }
button.main, .button.main { border-color: transparent; background: var(--main); color: var(--on-main); font-weight: 650; }
button.main:hover, .button.main:hover { background: var(--main-pressed); }
button.grave { border-color: transparent; background: var(--alarm); color: var(--paper); font-weight: 650; }
button.grave:hover { background: var(--alarm); filter: brightness(.92); }
.row { display: flex; flex-wrap: wrap; gap: .625rem; margin: 0 0 1rem; align-items: center; }
.row.end { justify-content: space-between; }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, textarea:focus-visible,
summary:focus-visible { outline: .1875rem solid var(--mark); outline-offset: .125rem; border-radius: .5rem; }
details { margin: 0 0 1rem; }
details.card { margin: 0 0 .75rem; padding-block: .25rem; }
details.card > summary { width: auto; color: inherit; }
details.card > summary h2 { display: inline; margin: 0 .5rem 0 0; }
details.card > summary > span { display: inline-block; white-space: nowrap; color: var(--soft); }
details.card > summary small { display: inline; }
details.card[open] { padding-bottom: 1rem; }
details.card[open] > summary { margin-bottom: .5rem; }
summary { width: fit-content; min-height: 2.75rem; padding: .625rem 0; color: var(--soft); font-size: .9375rem; cursor: pointer; }
pre { margin: 0 0 1rem; padding: .875rem 1rem; background: var(--tint); border: 1px solid var(--line);
  border-radius: .75rem; font: .875rem/1.55 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.secret { user-select: all; font-size: 1rem; }
ins { background: var(--good-tint); text-decoration: none; } del { background: var(--alarm-tint); }
.chips { display: flex; flex-wrap: wrap; gap: .25rem .375rem; margin: 0; padding: 0; list-style: none; }
.chips li { padding: 0 .5rem; background: var(--tint); border-radius: .5rem; font-size: .875rem; }
.narrow { display: grid; place-content: center; grid-template-columns: minmax(0, 30rem); min-height: 100vh;
  min-height: 100dvh; padding: 2rem 1rem; }
.narrow .card { margin: 1.25rem 0 0; padding: clamp(1.5rem, 6vw, 2.5rem); }
.narrow .home { justify-content: center; }
.narrow button { width: 100%; min-height: 3rem; }
@media (prefers-reduced-motion: no-preference) { button, .button, nav a { transition: background-color .12s; } }
@media (forced-colors: active) {
  button, .button, .card { border-color: ButtonText; } .state::before { background: CanvasText; } }
@media print { nav, .who, form, .skip { display: none; } }
`;

/** Beside those of the other pages: what goes well, and lines that can be told apart. */
const OWN = {
  light: {
    good: '#1c7a45',
    'good-tint': '#e2f5e9',
    two: '#a8470c',
    three: '#0b7a75',
    four: '#8c2fa3',
    five: '#5d6470',
  },
  dark: {
    good: '#6fd39b',
    'good-tint': '#173325',
    two: '#f5a26f',
    three: '#5fd0c7',
    four: '#e09bf0',
    five: '#a7b1c1',
  },
} as const;

const print = (scheme: 'light' | 'dark'): string =>
  `${printPalette(paletteFor(scheme, {}))} ${Object.entries(OWN[scheme])
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ')}`;

/** Light unless the reader wants it dark. */
export const STYLE = `
:root { color-scheme: light dark; ${print('light')} }
@media (prefers-color-scheme: dark) { :root { ${print('dark')} } }
${RULES}${PLOT_STYLE}`;
