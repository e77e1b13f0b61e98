/** Rules that only the page with people to choose from needs. */
export const CHOOSER_STYLE = `
.people { display: grid; gap: .5rem; max-height: 23.125rem; overflow-y: auto; padding: .375rem;
  margin: -.375rem; }
.people:has(.row:nth-child(6)) { border-block: 1px solid var(--line); }
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .5rem; }
.row .person { gap: .75rem; padding-inline: .75rem; }
.row .edit { width: auto; padding-inline: .75rem; color: var(--soft); font-size: .9375rem; }
.people + button { margin-top: .5rem; }
.search { grid-template-columns: minmax(0, 1fr) auto; }
.search label { grid-column: 1 / -1; }
.search button { width: auto; }
details { margin: 1.25rem 0 0; border-top: 1px solid var(--line); padding-top: .75rem; }
form:has(.field) { gap: 1rem; margin-top: .75rem; }
.field { display: grid; gap: .375rem; }
.field small { line-height: 1.4; }
.field p { margin: 0; padding: .625rem .875rem; }
select, textarea { width: 100%; min-height: 3rem; padding: .625rem 1rem;
  border: 1px solid var(--edge); border-radius: .75rem; background: var(--paper); color: inherit;
  font: inherit; }
textarea { font: .9375rem/1.5 ui-monospace, monospace; resize: vertical; }
select:focus-visible, textarea:focus-visible { outline: .1875rem solid var(--mark);
  outline-offset: .125rem; }
[aria-invalid="true"] { border: .125rem solid var(--alarm); }
`;
