// How the issuer is at a glance: whether it can serve, what somebody should look at, and the last hour.

import type { Answers } from '../../../../admin/api/answers.ts';
import { type Html, html } from '../../../pages/html.ts';
import { drawHints, findHints } from '../hints.ts';
import { drawHour } from '../hour.ts';
import type { Sheet } from '../layout.ts';
import { printLength, printMoment } from '../moment.ts';
import { card, empty, state, value } from '../parts.ts';
import type { PageEntry, Visit } from '../visit.ts';
import { drawCurrency } from './configuration.ts';

async function drawOverview({ ask, sources, now }: Visit): Promise<Sheet> {
  const [{ body: status }, { body: configuration }, keys, minutes] = await Promise.all([
    ask('readStatus'),
    ask('readConfiguration'),
    ask('listKeys'),
    sources.minutes(),
  ]);
  const hints = findHints({ status, configuration, keys: keys.body.keys, minutes, now });
  return {
    title: 'Overview',
    main: html`<h1>Overview</h1>
<p class="lead">As of ${printMoment(status.now)} UTC, of all processes. A page does not renew itself: reload it to look again.</p>
${drawHints(hints)}${drawTiles(status, configuration)}
<h2>The last hour</h2>
${
  minutes === undefined
    ? card(
        'Rates and latencies',
        empty('Nothing is counted', 'metrics.enabled is false in the configuration.'),
      )
    : drawHour(minutes)
}`,
  };
}

function drawTiles(
  { ready, dependencies, version, node, workers, started_at, now }: Answers['readStatus'],
  configuration: Answers['readConfiguration'],
): Html {
  return html`<dl class="tiles">
<div><dt>Readiness</dt><dd>${ready ? state('good', 'ready') : state('alarm', 'not ready')}</dd></div>
${dependencies.map(({ name, ready: isThere }) => html`<div><dt>${value(name, 40)}</dt><dd>${isThere ? state('good', 'ready') : state('alarm', 'not ready')}</dd></div>\n`)}<div><dt>Configuration</dt><dd>${drawCurrency(configuration)}</dd></div>
<div><dt>Processes</dt><dd>${String(workers)}</dd></div>
<div><dt>Up for</dt><dd>${printLength(Math.max(0, now - started_at))} <small class="soft">since ${printMoment(started_at)} UTC</small></dd></div>
<div><dt>Version</dt><dd>${value(version, 40)} <small class="soft">Node ${value(node, 40)}</small></dd></div>
</dl>
`;
}

export const OVERVIEW_PAGES: readonly PageEntry[] = [
  { path: '', names: [], place: '', draw: drawOverview },
];
