// How lines of time look: told apart by colour and by dashes, for whoever sees no colours.

export const PLOT_STYLE = `
.plot { margin: 0; }
.plot figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .75rem; margin-bottom: .5rem;
  font-weight: 650; }
.plot figcaption small { font-weight: 400; }
.plot svg { display: block; width: 100%; height: auto; overflow: visible; }
.plot text { fill: var(--soft); font: 13px system-ui, sans-serif; }
.plot .grid { stroke: var(--line); stroke-width: 1; }
.plot .axis { stroke: var(--edge); stroke-width: 1; }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.dot { stroke: none; }
.s0 { stroke: var(--mark); } .s1 { stroke: var(--two); stroke-dasharray: 6 3; }
.s2 { stroke: var(--three); stroke-dasharray: 2 3; } .s3 { stroke: var(--four); stroke-dasharray: 8 3 2 3; }
.s4 { stroke: var(--five); stroke-dasharray: 12 4; }
.dot.s0 { fill: var(--mark); } .dot.s1 { fill: var(--two); } .dot.s2 { fill: var(--three); }
.dot.s3 { fill: var(--four); } .dot.s4 { fill: var(--five); }
.area { fill: var(--mark); opacity: .08; stroke: none; }
.legend { display: flex; flex-wrap: wrap; gap: .125rem 1rem; margin: .5rem 0 0; padding: 0; list-style: none;
  color: var(--soft); font-size: .875rem; }
.legend li { display: flex; align-items: center; gap: .375rem; min-width: 0; }
.legend svg, .plot .legend svg { width: 1.5rem; height: .5rem; flex: none; }
.plot details { margin: .25rem 0 0; }
@media (max-width: 39.99rem) { .times { display: none; } }
.times svg { display: block; width: 100%; max-width: 46rem; height: auto; }
.times text { fill: var(--ink); font: 12px system-ui, sans-serif; }
.times text.faint { fill: var(--soft); }
.bar { stroke: none; fill: var(--edge); } .bar.signing { fill: var(--good); } .bar.next { fill: var(--mark); }
.bar.retired, .bar.expired { fill: var(--line); stroke: var(--edge); }
.nowline { stroke: var(--alarm); stroke-width: 1.5; stroke-dasharray: 4 3; }
`;
