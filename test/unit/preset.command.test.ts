import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../internal/loader/yaml.ts';
import { PRESET_NAMES } from '../../internal/protocol/presets.ts';
import { runProgram } from '../support/program.ts';
import { createFolder } from './loader.fixture.ts';

const preset = (...args: readonly string[]) => runProgram(['preset', ...args]);

describe('asteroid preset list', () => {
  it('prints a line for every preset, under headings', async () => {
    const { code, stdout } = await preset('list');
    const lines = stdout.trimEnd().split('\n');

    expect(code).toBe(0);
    expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(['PRESET', ...PRESET_NAMES]);
    expect(lines[0]).toMatch(/^PRESET +SOURCE +PROOF +FOR$/);
    expect(lines.find((line) => line.startsWith('k8s-'))).toMatch(/ headers +mtls +A front proxy/);
  });
});

describe('asteroid preset show', () => {
  it('prints the section, then the lines of the proxy', async () => {
    const { code, stdout, stderr } = await preset('show', 'nginx-auth-request');
    const [section = '', lines = ''] = stdout.split(/\n(?=# )/);

    expect([code, stderr]).toEqual([0, '']);
    expect(parseYaml('a', section).problems).toEqual([]);
    expect(section).toMatch(/^upstream:\n {2}preset: nginx-auth-request\n/);
    expect(lines).toMatch(/^# nginx for the preset nginx-auth-request/);
  });

  it('prints one of the two alone, for another proxy and another auth service', async () => {
    const upstream = await preset('show', 'custom', '--part', 'upstream');
    const proxy = await preset(
      ...['show', 'custom', '--part', 'proxy', '--proxy', 'caddy'],
      ...['--auth-service', 'http://auth.internal:4181'],
    );

    expect(upstream.stdout).toMatch(/^upstream:\n(?: .*\n)+$/);
    expect(proxy.stdout).toMatch(/^# Caddyfile for the preset custom/);
    expect(proxy.stdout).toContain('forward_auth auth.internal:4181 {');
  });

  it('takes what the configuration says, several files and the environment included', async () => {
    const folder = await createFolder({
      'over.yaml': 'upstream: { headers: { subject: { name: X-Who } } }\n',
    });
    const at = (name: string) => path.join(folder, name);
    const { code, stdout } = await runProgram(
      ['preset', 'show', 'custom', '--config', at('asteroid.yaml'), '--config', at('over.yaml')],
      { env: { ASTEROID_ISSUER: 'https://env.example' } },
    );

    expect(code).toBe(0);
    expect(stdout).toContain('subject: { name: X-Who }');
    expect(stdout).toContain('proxy_set_header X-Who $');
    expect(stdout).toContain('server_name env.example;');
    expect(stdout).toContain(at('proxy-secret'));
  });

  for (const { given, args, code, said } of [
    { given: 'a preset', args: ['show', 'nginx'], code: 78, said: 'there is no preset nginx;' },
    {
      given: 'a proxy',
      args: ['show', 'authelia', '--proxy', 'iis'],
      code: 78,
      said: 'no lines for iis',
    },
    {
      given: 'a part',
      args: ['show', 'authelia', '--part', 'half'],
      code: 2,
      said: '--part has to be',
    },
    {
      given: 'a configuration',
      args: ['show', 'authelia', '--config', '/nowhere.yaml'],
      code: 78,
      said: 'does not exist',
    },
    { given: 'a name', args: ['show'], code: 2, said: 'name' },
  ]) {
    it(`says that there is no such thing as ${given} that is not there, with ${code}`, async () => {
      const result = await preset(...args);

      expect(result.code).toBe(code);
      expect(result.stderr).toContain(said);
      expect(result.stdout).toBe('');
    });
  }
});
