import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../internal/admin/recorder.ts';
import { Blind, type DoctorDeps, runDoctor } from '../../internal/doctor/doctor.ts';
import type { Answer } from '../../internal/doctor/raw.ts';
import { toExitCode, toText } from '../../internal/doctor/report.ts';
import { arrival, STARTED, sighting } from './doctor.fixture.ts';

const NO_STORE: Answer = {
  status: 204,
  headers: new Map([['cache-control', 'no-store, private']]),
  problem: undefined,
};

const SESSION = 'session=of-bob';

type Proxy = {
  /** What of a request arrives; undefined when nothing does. */
  readonly pass: (text: string) => Partial<Sighting> | undefined;
  readonly answer?: Answer;
  readonly full?: boolean;
  readonly elapsed?: () => number;
};

/** An issuer behind a proxy that a test describes. */
function behind({ pass, answer = NO_STORE, full = false, elapsed = () => 0 }: Proxy) {
  const sightings: Sighting[] = [];
  let open = 0;
  let most = 0;
  const deps: DoctorDeps = {
    send: async (messages) => {
      open += 1;
      most = Math.max(most, open);
      await Promise.resolve();
      for (const text of messages) {
        const probe = /asteroid_canary=c{64}\.([a-z0-9-]+)/.exec(text)?.[1] ?? '';
        const seen = pass(text);
        if (seen !== undefined) sightings.push(sighting({ probe, ...seen }));
      }
      open -= 1;
      return answer;
    },
    read: async () => ({ sightings, full }),
    elapsed,
  };
  const run = (session?: string) =>
    runDoctor({ started: STARTED, through: 'https://sso.example', proxy: 'nginx', session }, deps);
  return { run, most: () => most };
}

const isOpen = (text: string): boolean => /^\w+ \/(?:\.well-known|token)/.test(text);
const isSignedIn = (text: string): boolean => text.includes(SESSION);
const alice = { identity: 'identified', arrivals: [arrival({ other: 1 })] } as const;

/** Removes what clients say, and speaks for whoever has a session. */
const careful = (text: string): Partial<Sighting> | undefined => {
  if (isOpen(text)) return { route: 'discovery', identity: 'not_read' };
  return isSignedIn(text) ? alice : undefined;
};

describe('a run of the doctor (O2)', () => {
  it('finds nothing behind a careful proxy, without a session and with one', async () => {
    const without = await behind({ pass: careful }).run();
    const withOne = await behind({ pass: careful }).run(SESSION);

    expect(toExitCode(without, false)).toBe(0);
    expect(toExitCode(withOne, false)).toBe(0);
    expect(withOne.results.length).toBeGreaterThan(without.results.length);
    expect(withOne.results.some(({ outcome }) => outcome === 'altered')).toBe(true);
    expect(toText(without)).toContain('without a session');
    expect(toText(withOne)).toContain('also with a session');
  });

  it('reports what gets through, with the line to add once', async () => {
    const pass = (text: string): Partial<Sighting> | undefined =>
      text.includes('\r\nX-Authenticated-Groups: c') && isSignedIn(text)
        ? {
            ...alice,
            believed: true,
            arrivals: [arrival({ header: 'X-Authenticated-Groups', canary: 1 })],
          }
        : careful(text);

    const report = await behind({ pass }).run(SESSION);

    const reached = report.results.filter(({ outcome }) => outcome === 'reached');
    expect(reached.map(({ id }) => id)).toEqual(['T15-own-groups', 'T05-twice-groups']);
    expect(reached[0]).toMatchObject({
      believed: true,
      signed_in: true,
      header: 'X-Authenticated-Groups',
      line: 'proxy_set_header X-Authenticated-Groups ""; # in each location that does not set it',
    });
    expect(toExitCode(report, false)).toBe(1);
    expect(toExitCode(report, true)).toBe(1);
    const text = toText(report);
    expect(text.match(/proxy_set_header/g)).toHaveLength(1);
    expect(text).toContain('REACHED  T15-own-groups  /authorize  with a session');
    expect(text).toContain('the issuer BELIEVES it');
  });

  it('accepts what the issuer refuses, when asked to', async () => {
    const pass = (text: string): Partial<Sighting> | undefined =>
      text.includes('\r\nX_Authenticated_User:')
        ? {
            identity: 'refused',
            identityRefused: 'header_alias',
            arrivals: [arrival({ how: 'alias', canary: 1 })],
          }
        : careful(text);

    const report = await behind({ pass }).run();

    expect(toExitCode(report, false)).toBe(1);
    expect(toExitCode(report, true)).toBe(0);
    expect(toText(report)).toContain('the issuer refuses it (header_alias)');
  });

  it('cannot tell when no honest request arrives', async () => {
    const run = behind({ pass: () => undefined }).run();

    await expect(run).rejects.toThrow(Blind);
    await expect(run).rejects.toThrow('no honest request reached this issuer');
  });

  it('cannot tell when the issuer goes blind in the middle of it', async () => {
    let sent = 0;
    const pass = (text: string) => {
      sent += 1;
      return sent > 40 ? undefined : careful(text);
    };

    await expect(behind({ pass }).run()).rejects.toThrow('no honest request reached this issuer');
  });

  it('cannot tell when only some honest requests arrive: several replicas', async () => {
    let sent = 0;
    const pass = (text: string) => {
      sent += 1;
      return sent % 2 === 0 ? undefined : careful(text);
    };

    await expect(behind({ pass }).run()).rejects.toThrow('only 4 of 8 honest requests');
  });

  it('cannot tell when the cookie opens nothing', async () => {
    const pass = (text: string) => (isOpen(text) ? careful(text) : undefined);

    await expect(behind({ pass }).run(SESSION)).rejects.toThrow('the cookie is no session');
  });

  it('is in doubt when the issuer does not see whose session it is', async () => {
    const pass = (text: string) =>
      isSignedIn(text) && !isOpen(text)
        ? ({ identity: 'refused', identityRefused: 'upstream_secret' } as const)
        : careful(text);

    const report = await behind({ pass }).run(SESSION);

    expect(report.doubt).toContain('(upstream_secret)');
    expect(toExitCode(report, false)).toBe(2);
    expect(toText(report)).toContain('in doubt: ');
  });

  it('cannot tell when the recording is full', async () => {
    await expect(behind({ pass: careful, full: true }).run()).rejects.toThrow('recording is full');
  });

  it('cannot tell when it would take longer than a recording', async () => {
    let at = 0;
    const elapsed = () => {
      at += 30_000;
      return at;
    };

    await expect(behind({ pass: careful, elapsed }).run()).rejects.toThrow('so slowly');
  });

  it('warns when the proxy lets caches keep what is somebody’s (T30)', async () => {
    const answer = { ...NO_STORE, headers: new Map([['cache-control', 'private']]) };

    const kept = await behind({ pass: careful, answer }).run(SESSION);
    const honest = await behind({ pass: careful }).run(SESSION);

    expect(kept.warnings).toHaveLength(1);
    expect(toText(kept)).toContain('warning: T30');
    expect(toExitCode(kept, false)).toBe(0);
    expect(honest.warnings).toEqual([]);
  });

  it('sends at most four requests at once', async () => {
    const proxy = behind({ pass: careful });

    await proxy.run(SESSION);

    expect(proxy.most()).toBe(4);
  });

  it('tells neither the canary nor the cookie', async () => {
    const report = await behind({ pass: careful }).run(SESSION);

    for (const text of [JSON.stringify(report), toText(report)]) {
      expect(text).not.toContain(SESSION);
      expect(text).not.toContain(STARTED.canary);
    }
  });
});
