import { describe, expect, it } from 'vitest';
import { CONFIG, createFolder, problemsOf, SECRET, warningsOf } from './loader.fixture.ts';

const folderWith = (sink: string) =>
  createFolder({
    'asteroid.yaml': `${CONFIG}audit: { sinks: [${sink}] }\n`,
    ...{ hook: `${SECRET}\n`, url: 'http://redis\n', short: 'x' },
  });

describe('audit.sinks', () => {
  for (const [sink, problem] of [
    [
      '{ type: redis }',
      'sinks[0].type: has no Redis to go to; give url, or use store.driver: redis',
    ],
    ['{ type: redis, url: redis://r, url_file: url }', 'cannot be combined with url'],
    ['{ type: redis, url: http://r }', 'sinks[0].url'],
    ['{ type: redis, url_file: url }', 'sinks[0].url_file'],
    ['{ type: syslog, transport: tcp }', 'sinks[0].transport: needs host where it is tcp'],
    ['{ type: syslog, transport: unix, host: h }', 'host: means nothing where transport is unix'],
    ['{ type: syslog, transport: unix, port: 1 }', 'port: means nothing where transport is unix'],
    ['{ type: syslog, transport: unix, tls: {} }', 'tls: means nothing where transport is unix'],
    [
      '{ type: syslog, transport: udp, host: h, path: /p }',
      'path: means nothing where transport is',
    ],
    ['{ type: syslog, transport: tcp, host: h, tls: {} }', 'tls: means nothing where transport is'],
    [
      '{ type: syslog, transport: tls, host: h, tls: { cert_file: c } }',
      'and key_file belong together; give both or neither',
    ],
    ['{ type: syslog, transport: tls, host: h, tls: { ca_file: none } }', 'sinks[0].tls.ca_file'],
    ['{ type: webhook, url: ftp://h, secret_files: [hook] }', 'is not an http URL'],
    ['{ type: webhook, url: "https://a:b@h/", secret_files: [hook] }', 'has credentials in it'],
    ['{ type: webhook, url: "https://h/#x", secret_files: [hook] }', 'has a fragment; remove it'],
    ['{ type: webhook, url: https://h/, secret_files: [] }', 'sinks[0].secret_files'],
    ['{ type: webhook, url: https://h/, secret_files: [none] }', 'sinks[0].secret_files[0]'],
    ['{ type: webhook, url: https://h/, secret_files: [short] }', 'sinks[0].secret_files[0]'],
    [
      '{ type: webhook, url: https://h/, secret_files: [hook], allow_private: [x] }',
      'is not an address range',
    ],
    ['{ type: stdout, types: [token.isued] }', 'is no event, nor the beginning of any'],
    ['{ type: stdout, types: [nothing.*] }', 'docs/audit.md lists them'],
    ['{ type: stdout, max_waiting: 1 }', 'max_waiting'],
    ['{ type: file, path: audit.log, max_waiting: 0 }', 'max_waiting'],
    ['{ type: pigeon }', 'needs a type: stdout, file, redis, syslog or webhook'],
  ] as const) {
    it(`are refused: ${sink}`, async () => {
      expect((await problemsOf(await folderWith(sink))).join('\n')).toContain(problem);
    });
  }

  for (const sink of [
    '{ type: redis, url: redis://r }',
    '{ type: syslog, transport: unix, path: /dev/log }',
    '{ type: syslog, transport: tls, host: h, tls: { servername: s } }',
    '{ type: webhook, url: https://h/, secret_files: [hook], allow_private: [10.0.0.0/8] }',
    '{ type: webhook, url: "http://127.0.0.1/", secret_files: [hook] }',
    '{ type: stdout, types: [token.*, issuer.started] }',
    '{ type: file, path: audit.log, max_waiting: 1 }',
  ]) {
    it(`are taken without a word: ${sink}`, async () => {
      const folder = await folderWith(sink);

      expect(await problemsOf(folder).catch(() => [])).toEqual([]);
      expect((await warningsOf(folder)).join('\n')).not.toContain('audit');
    });
  }

  it('are warned about where anybody on the way can read', async () => {
    const folder = await folderWith('{ type: webhook, url: http://h/, secret_files: [hook] }');

    expect((await warningsOf(folder)).join('\n')).toContain('over plain http; use https');
  });
});
