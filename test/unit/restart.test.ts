import { describe, expect, it } from 'vitest';
import { findChanges } from '../../internal/app/changes.ts';
import { readSnapshot } from '../../internal/app/read.ts';
import { takeWhatCan } from '../../internal/app/restart.ts';
import { RELOAD_RULES } from '../../internal/config/reloads.ts';
import type { Snapshot } from '../../internal/loader/load.ts';
import { makeFolder } from '../support/program.ts';

const { configFile } = await makeFolder({
  config: {
    listen: { public: { port: 0 }, browser: { port: 0 }, health: { socket: 'health.sock' } },
  },
});
const STARTED = await readSnapshot({ files: [configFile], env: {}, mode: 'serve' });

type Values = { readonly [step: string]: unknown };

/** The same with something else at this place. */
function change(values: Values, [step = '', ...rest]: readonly string[]): Values {
  const before = values[step];
  const inside = typeof before === 'object' && before !== null ? (before as Values) : {};
  return { ...values, [step]: rest.length === 0 ? ['another'] : change(inside, rest) };
}

const changed = (option: string): Snapshot => ({
  ...STARTED,
  config: change(STARTED.config, option.split('.')) as unknown as Snapshot['config'],
});

const take = (next: Snapshot) => takeWhatCan(next, { started: STARTED, inForce: STARTED });

const inSpeech = (when: string): string =>
  when === 'restart' ? 'waits for a restart' : 'is taken';

describe('an option that a reload changes', () => {
  // Whether a listener speaks TLS is where it listens; see below.
  for (const { option, when } of RELOAD_RULES.filter((rule) => !rule.option.includes('.tls.'))) {
    it(`${inSpeech(when)}: ${option}`, () => {
      const { snapshot, waiting } = take(changed(option));

      expect(waiting.includes(option)).toBe(when === 'restart');
      const inForce = findChanges(STARTED, snapshot).options;
      expect(inForce.includes(option)).toBe(when !== 'restart');
    });
  }

  it('is named with both values where it is a number or a switch, and by its name else', () => {
    const { config } = STARTED;
    const next: Snapshot = {
      ...STARTED,
      config: {
        ...config,
        check: { ...config.check, enabled: true },
        lifetimes: { ...config.lifetimes, id_token: 60 },
        pages: { ...config.pages, name: 'what nobody else should read' },
      },
    };

    expect(findChanges(STARTED, next).options).toEqual([
      'pages.name',
      'lifetimes.id_token: 3600 → 60',
      'check.enabled: false → true',
    ]);
  });
});

describe('a listener', () => {
  const TLS = { cert_file: '/run/tls/a.crt', key_file: '/run/tls/a.key' };
  const NEXT = { cert_file: '/run/tls/b.crt', key_file: '/run/tls/b.key' };
  const withTls = (tls: typeof TLS | undefined, files: Values): Snapshot => ({
    ...STARTED,
    config: {
      ...STARTED.config,
      listen: { ...STARTED.config.listen, public: { host: '127.0.0.1', port: 0, tls } },
    },
    listenerFiles: new Map(Object.entries(files).map(([name, text]) => [name, String(text)])),
  });
  const secured = withTls(TLS, { [TLS.cert_file]: 'a', [TLS.key_file]: 'k' });

  it('takes other files of its certificate', () => {
    const next = withTls(NEXT, { [NEXT.cert_file]: 'b', [NEXT.key_file]: 'l' });
    const { snapshot, waiting } = takeWhatCan(next, { started: secured, inForce: secured });

    expect(waiting).toEqual([]);
    expect(snapshot.config.listen.public.tls).toEqual(NEXT);
    expect([...snapshot.listenerFiles.values()]).toEqual(['b', 'l']);
  });

  it('goes on with TLS, and with what is in force, where the file has none any more', () => {
    const { snapshot, waiting } = takeWhatCan(withTls(undefined, {}), {
      started: secured,
      inForce: secured,
    });

    expect(waiting).toEqual(['listen.public.tls.cert_file', 'listen.public.tls.key_file']);
    expect([...snapshot.listenerFiles.values()]).toEqual(['a', 'k']);
  });

  it('goes on without TLS where the file has some from now on', () => {
    const next = withTls(TLS, { [TLS.cert_file]: 'a', [TLS.key_file]: 'k' });
    const { snapshot, waiting } = take(next);

    expect(waiting).toEqual(['listen.public.tls.cert_file', 'listen.public.tls.key_file']);
    expect(snapshot.listenerFiles.size).toBe(0);
  });
});
