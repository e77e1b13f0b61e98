// What an operator changes about pages while people see them.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type Metadata, type Program, startProgram } from '../support/program.ts';
import { ask, HOST } from './threats.fixture.ts';

const TEMPLATE = '<!doctype html><html><head>{{head}}</head><body>{{main}}one</body></html>';

/** Some page, in the language of a browser that wants none of ours. */
const pageOf = (program: Program) => ask(program.public, ['GET /signed_out HTTP/1.1', HOST]);

async function rewrite({ folder }: Program, pages: Metadata): Promise<void> {
  const before = JSON.parse(await readFile(folder.configFile, 'utf8'));
  await folder.write('asteroid.yaml', JSON.stringify({ ...before, pages }));
}

const shows = (program: Program, text: string) =>
  expect.poll(async () => (await pageOf(program)).body, { timeout: 15_000 }).toContain(text);

describe('pages that an operator changes', () => {
  it('are others with a reload, and need no restart', async () => {
    const program = await startProgram({ config: { pages: { name: 'Before' } } });
    await shows(program, '· Before</title>');

    await rewrite(program, { name: 'After', default_language: 'de' });

    await shows(program, '· After</title>');
    expect((await pageOf(program)).headers['content-language']).toBe('de');
    const told = program.logged().filter(({ msg }) => msg === 'reloaded');
    expect(told.at(-1)).toMatchObject({ restart_needed: [] });
  });

  it('stay as they were where the template is none, until it is one again', async () => {
    const program = await startProgram({
      config: { pages: { template_file: 'page.html' } },
      files: { 'page.html': TEMPLATE },
    });
    await shows(program, '</main>\none</body>');

    await program.folder.write('page.html', TEMPLATE.replace('one', '<script>x()</script>two'));
    await expect
      .poll(() => program.logText(), { timeout: 15_000 })
      .toContain('page.html:1: template: has a script');
    await shows(program, '</main>\none</body>');

    await program.folder.write('page.html', TEMPLATE.replace('one', 'three'));
    await shows(program, '</main>\nthree</body>');
  });
});
