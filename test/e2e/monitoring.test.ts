// What is made for Prometheus, read by its own tool.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startProgram } from '../support/program.ts';
import { scrape } from '../support/scrape.ts';
import { ask, HOST, honest, unproven } from '../threats/threats.fixture.ts';

const run = promisify(execFile);
const RULES = path.resolve(import.meta.dirname, '../../deploy/prometheus');

/** What it printed; rejects when it found something. */
async function promtool(args: readonly string[], input = ''): Promise<string> {
  const running = run('promtool', [...args], { cwd: RULES });
  running.child.stdin?.end(input);
  const { stdout, stderr } = await running;
  return stdout + stderr;
}

describe('promtool', () => {
  it('reads the rules', async () => {
    const printed = await promtool(['check', 'rules', 'recording.yaml', 'alerts.yaml']);

    expect(printed.match(/SUCCESS: \d+ rules found/g)).toHaveLength(2);
  });

  it('sees every alert fire when it should, and not before', async () => {
    expect(await promtool(['test', 'rules', 'alerts.test.yaml'])).toContain('SUCCESS');
  });

  it('has nothing against what /metrics answers', async () => {
    const program = await startProgram({ config: { metrics: { clients: true } } });
    await ask(program.public, honest());
    await ask(program.public, unproven('X-Authenticated-User: root'));
    await ask(program.public, ['GET /jwks.json HTTP/1.1', HOST]);
    const { text } = await scrape(program.at('admin'));
    // Names of those that every program of Node has are not ours.
    const own = `${text
      .split('\n')
      .filter((line) => /^(?:# \w+ )?asteroid_/.test(line))
      .join('\n')}\n`;

    expect(own.split('\n').length).toBeGreaterThan(60);
    expect(await promtool(['check', 'metrics'], own)).toBe('');
    await expect(promtool(['check', 'metrics'], text.slice(0, 1000))).rejects.toThrow();
  });
});
