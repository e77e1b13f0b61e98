// How the issuer is at a glance: whether it can serve, what somebody should look at, and the last hour.

import type { Answers } from '../../../../admin/api/answers.ts';
import { type Html, html } from '../../../pages/html.ts';
import { drawHints, findHints } from '../hints.ts';
import { drawHour } from '../hour.ts';
import type { Sheet } from '../layout.ts';
import { printLength, printMoment } from '../moment.ts';
import { card, empty, state, value } from '../parts.ts';
import type { PageEntry, Visit } from '../visit.ts';
import { findReload } from './configuration.ts';

async function drawOverview({ ask, sources, now }: Visit): Promise<Sheet> {
  const [{ body: status }, configuration, keys, reloaded, minutes] = await Promise.all([
    ask('readStatus'),
    ask('readConfiguration'),
    ask('listKeys'),
    findReload(ask),
    sources.minutes(),
  ]);
  const { outdated } = configuration.body;
  const restart =
    reloaded === undefined || reloaded === 'unknown' ? undefined : reloaded.event['restart_needed'];
  const restartNeeded =
    typeof restart === 'string' &&
    reloaded !== undefined &&
    reloaded !== 'unknown' &&
    reloaded.at / 1000 >= status.started_at
      ? restart
      : undefined;
  const hints = findHints({ status, outdated, restartNeeded, keys: keys.body.keys, minutes, now });
  return {
    title: 'Overview',
    main: html`<h1>Overview</h1>
<p class="lead">As of ${printMoment(status.now)} UTC, of all processes. A page does not renew itself: reload it to look again.</p>
${drawHints(hints)}${drawTiles(status, outdated, restartNeeded)}
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
  status: Answers['readStatus'],
  outdated: boolean,
  restartNeeded: string | undefined,
): Html {
  const { ready, dependencies, version, node, workers, started_at, now } = status;
  const configuration = outdated
    ? state('alarm', 'outdated')
    : restartNeeded === undefined
      ? state('good', 'current')
      : state('care', 'restart needed');
  return html`<dl class="tiles">
<div><dt>Readiness</dt><dd>${ready ? state('good', 'ready') : state('alarm', 'not ready')}</dd></div>
${dependencies.map(({ name, ready: isThere }) => html`<div><dt>${value(name, 40)}</dt><dd>${isThere ? state('good', 'ready') : state('alarm', 'not ready')}</dd></div>\n`)}<div><dt>Configuration</dt><dd>${configuration}</dd></div>
<div><dt>Processes</dt><dd>${String(workers)}</dd></div>
<div><dt>Up for</dt><dd>${printLength(Math.max(0, now - started_at))} <small class="soft">since ${printMoment(started_at)} UTC</small></dd></div>
<div><dt>Version</dt><dd>${value(version, 40)} <small class="soft">Node ${value(node, 40)}</small></dd></div>
</dl>
`;
}

export const OVERVIEW_PAGES: readonly PageEntry[] = [
  { path: '', names: [], place: '', draw: drawOverview },
];
