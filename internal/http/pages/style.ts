// The style sheet of every page: no font and no picture from anywhere, and nothing that needs a wide
// screen, a mouse or colours.

import { type Accents, paletteFor, printPalette } from './palette.ts';

const RULES = `
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column;
  align-items: center; justify-content: center; gap: 1.5rem; padding: 2rem 1rem;
  background: var(--back); color: var(--ink); line-height: 1.55;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC",
    "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { width: 100%; max-width: 28rem; padding: clamp(1.5rem, 6vw, 2.5rem); background: var(--paper);
  border: 1px solid var(--line); border-radius: 1.125rem; overflow-wrap: anywhere;
  box-shadow: 0 1px 2px rgb(0 0 0 / .05), 0 1.25rem 2.5rem -1.5rem rgb(0 0 0 / .25); }
main > :first-child { margin-top: 0; }
main > :last-child { margin-bottom: 0; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; font-weight: 650;
  letter-spacing: -.012em; text-wrap: balance; }
p { margin: 0 0 1rem; text-wrap: pretty; }
a { color: var(--mark); text-underline-offset: .2em; text-decoration-thickness: .06em; }
strong { font-weight: 650; unicode-bidi: isolate; }
ul { margin: 0 0 1.25rem; padding-inline-start: 1.25rem; }
small, .soft { color: var(--soft); font-size: .9375rem; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: .9375em; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }

.brand { display: flex; align-items: center; gap: .75rem; max-width: 28rem; margin: 0;
  font-size: 1.0625rem; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
.brand img { display: block; max-width: 12rem; max-height: 2.75rem; }
.links { max-width: 28rem; font-size: .9375rem; }
.links ul, .about ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0; padding: 0;
  list-style: none; }
.links ul { justify-content: center; }
.links a { color: var(--soft); }
.links a, .about a { display: inline-block; padding: .625rem 0; }
.about { margin: 0 0 .5rem; font-size: .9375rem; }
img.logo { display: block; max-width: 6rem; max-height: 4rem; margin: 0 0 1.25rem;
  border-radius: .5rem; }

.asked { display: grid; gap: .25rem; margin: 0 0 1.25rem; padding: .75rem 1rem; list-style: none;
  background: var(--tint); border: 1px solid var(--line); border-radius: .75rem; }
.asked li { position: relative; padding: .25rem 0; padding-inline-start: 1.75rem; }
.asked li::before { content: ""; position: absolute; inset-inline-start: .3rem; top: .62em;
  width: .4rem; height: .75rem; border: solid var(--mark); border-width: 0 .14rem .14rem 0;
  transform: rotate(42deg); }
.warning, .problem { padding: .875rem 1rem; border-radius: .75rem; border: 0 solid;
  border-inline-start-width: .3rem; }
.warning { color: var(--care); background: var(--care-tint); }
.problem { color: var(--alarm); background: var(--alarm-tint); }
.reference { margin: 0 0 1rem; padding: .75rem 1rem; border: 1px solid var(--line);
  border-radius: .75rem; background: var(--tint); user-select: all; }
summary { width: fit-content; padding: .6rem 0; color: var(--soft); font-size: .9375rem; cursor: pointer; }
details p { margin: 0; color: var(--soft); font-size: .9375rem; }

.notice { padding: .875rem 1rem; background: var(--tint); border: 1px solid var(--line);
  border-inline-start: .3rem solid var(--mark); border-radius: .75rem; }
.app { margin: 0 0 .5rem; padding: 1.25rem 0 1rem; border-top: 1px solid var(--line); }
.app h2 { margin: 0 0 .5rem; font-size: 1.1875rem; line-height: 1.3; font-weight: 650; }
.app img.logo { max-height: 2.5rem; margin-bottom: .75rem; }
.app > :last-child, .places form { margin-bottom: 0; }
.app h2 + p, .app p + p { margin-bottom: .5rem; }
.app form { margin-top: .75rem; } .app .asked { margin: .25rem 0 .75rem; }
.app .about { margin: 0; }
.everything { padding-top: 1.5rem; border-top: 1px solid var(--line); }
.everything > :last-child { margin-bottom: 0; }
.facts { display: grid; gap: .25rem; margin: 0 0 .75rem; font-size: .9375rem; }
.facts div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; }
.places { margin: 0; padding: 0; list-style: none; }
.places li { padding: .75rem 0; border-top: 1px solid var(--line); }
form { display: grid; gap: .75rem; margin: 1.5rem 0 0; }
form p { margin: 0; }
form .soft + button { margin-top: .5rem; }
label { font-weight: 600; }
input { width: 100%; min-height: 3rem; padding: .625rem 1rem; border: 1px solid var(--edge);
  border-radius: .75rem; background: var(--paper); color: inherit; font: inherit; }
.code, #user_code { font: 650 1.625rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas,
  "Liberation Mono", monospace; letter-spacing: .1em; text-align: center; }
.code { padding: .875rem .5rem; background: var(--tint); border: 1px solid var(--line);
  border-radius: .75rem; }
#user_code { text-transform: uppercase; }
button, .button { display: block; width: 100%; min-height: 3rem; padding: .6875rem 1rem;
  border: 1px solid var(--line); border-radius: .75rem; background: transparent;
  color: var(--ink); font: inherit; font-weight: 550; text-align: center; text-decoration: none;
  overflow-wrap: anywhere; cursor: pointer; }
button:hover, .button:hover { border-color: var(--edge); background: var(--tint); }
button.main, .button.main { border-color: transparent; background: var(--main);
  color: var(--on-main); font-weight: 650; }
button.main:hover, .button.main:hover { background: var(--main-pressed); }
a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible {
  outline: .1875rem solid var(--mark); outline-offset: .125rem; border-radius: .5rem; }
button:focus-visible, .button:focus-visible, input:focus-visible { border-radius: .75rem; }
button.person { display: flex; align-items: center; gap: .875rem; text-align: start; }
.person b { flex: none; display: grid; place-items: center; width: 2.5rem; height: 2.5rem;
  border-radius: 50%; background: var(--tint); color: var(--mark); }
.person small { display: block; font-weight: 400; }

@media (min-width: 30rem) { body { padding: 3rem 1.5rem; } }
@media (prefers-reduced-motion: no-preference) {
  button, .button { transition: background-color .12s, border-color .12s; } }
@media (forced-colors: active) {
  .asked li::before { border-color: CanvasText; }
  button, .button, button.main, .button.main { border-color: ButtonText; } }
`;

/** Light unless the reader wants it dark. */
export const printStyle = (accents: Accents): string => `
:root { color-scheme: light dark; ${printPalette(paletteFor('light', accents))} }
@media (prefers-color-scheme: dark) { :root { ${printPalette(paletteFor('dark', accents))} } }
${RULES}`;
