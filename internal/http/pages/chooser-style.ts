/** Rules that only the page with people to choose from needs. */
export const CHOOSER_STYLE = `
.people { display: grid; gap: .5rem; max-height: 24rem; overflow-y: auto; padding: 4px; margin: -4px; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .5rem; }
.row .edit { width: auto; color: var(--soft); font-size: .875rem; }
.search { grid-template-columns: minmax(0, 1fr) auto; }
.search label { grid-column: 1 / -1; }
.search button { width: auto; }
details { margin: 1.25rem 0 0; border-top: 1px solid var(--line); padding-top: 1rem; }
summary { cursor: pointer; font-weight: 600; }
summary:focus-visible, textarea:focus-visible, select:focus-visible { outline: 3px solid var(--main);
  outline-offset: 2px; }
select, textarea { width: 100%; padding: .7rem 1rem; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--back); color: inherit; font: inherit; }
textarea { font: .875rem/1.5 ui-monospace, monospace; resize: vertical; }
.wrong { font-weight: 600; }
.wrong::before { content: "⚠ "; }
[aria-invalid="true"] { border: 2px solid var(--ink); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;
