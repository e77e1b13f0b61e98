import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../internal/config/config.ts';
import { listOptions } from '../../internal/config/options.ts';
import { RELOAD_RULES } from '../../internal/config/reloads.ts';
import { ROOT } from './sources.ts';

/** Opened as one, so that their rule is the rule of everything in them. */
const WHOLES = ['upstream.headers', 'upstream.assertion', 'tracing'];

const OPTIONS = [
  ...new Set(
    listOptions(configSchema)
      .filter(({ isSection, isInside }) => !isSection && !isInside)
      .map(({ path: steps }) => steps.join('.'))
      .map((option) => WHOLES.find((whole) => option.startsWith(`${whole}.`)) ?? option),
  ),
];

describe('what a reload does with an option', () => {
  it('is said of each option once, and of no other', () => {
    expect(RELOAD_RULES.map(({ option }) => option).sort()).toEqual(OPTIONS.sort());
  });

  it('has a reason wherever it is not taken', () => {
    const silent = RELOAD_RULES.filter(({ when, why }) => when !== 'at once' && !why);

    expect(silent).toEqual([]);
  });
});

describe('the table of docs/deployment.md', () => {
  const [, table = ''] = readFileSync(path.join(ROOT, 'docs/deployment.md'), 'utf8').split(
    '<!-- reload -->',
  );
  const rows = [...table.matchAll(/^\| (.+?) \| (at once|restart|refused) \| (.*?) \|$/gm)].flatMap(
    ([, options = '', when = '']) =>
      [...options.matchAll(/`([^`]+)`/g)].map(([, option = '']) => `${option} ${when}`),
  );

  it('says of each option what the code does, and nothing of any other', () => {
    const expected = RELOAD_RULES.map(({ option, when }) => `${option} ${when}`);

    expect(rows.sort()).toEqual(expected.sort());
  });

  it('gives the reasons that the code gives', () => {
    const missing = RELOAD_RULES.filter(
      ({ when, why = '' }) => when !== 'at once' && !table.includes(why),
    );

    expect(missing).toEqual([]);
  });
});
