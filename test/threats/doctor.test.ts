import { beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_SECRET, type Program, runProgram, startProgram } from '../support/program.ts';
import {
  ask,
  attempt,
  authorize,
  codeOf,
  HOST,
  honest,
  refused,
  SECRET,
  SIGNED_IN,
  user,
} from './threats.fixture.ts';

const ADMIN = ['Host: 127.0.0.1', 'X-Asteroid-Admin: 1'];

const startRecording = async (program: Program): Promise<string> =>
  JSON.parse((await ask(program.at('admin'), ['POST /admin/v1/doctor HTTP/1.1', ...ADMIN])).body)
    .canary;

const portOf = (program: Program, name: 'public' | 'admin'): number => {
  const target = program.at(name);
  return 'port' in target ? target.port : 0;
};

describe('a recording of the doctor (O2)', () => {
  let program: Program;
  let at = 1_800_000_000;
  beforeAll(async () => {
    program = await startProgram({ now: () => at });
  });

  const withCanary = (canary: string): readonly string[] => [
    authorize({ asteroid_canary: `${canary}.p1` }),
    ...honest().slice(1),
  ];

  it('yields no code, whoever has the canary, and everybody else goes on signing in', async () => {
    const canary = await startRecording(program);

    const answer = await ask(program.public, withCanary(canary));

    expect(answer.status).toBe(204);
    expect(codeOf(answer)).toBeUndefined();
    expect(program.logged().some(({ msg }) => msg === 'authorization.granted')).toBe(false);
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    expect(await attempt(program, withCanary('0'.repeat(64)))).toEqual(SIGNED_IN);
  });

  it('lets nobody in who could not come in before', async () => {
    const forged = [authorize(), HOST, user('admin')];

    expect(await attempt(program, forged)).toEqual(refused(403, 'upstream_secret'));
  });

  it('ends by itself', async () => {
    at += 120;
    const canary = await startRecording(program);

    at += 119;
    expect((await ask(program.public, withCanary(canary))).status).toBe(204);
    at += 1;
    expect(await attempt(program, withCanary(canary))).toEqual(SIGNED_IN);
  });

  it('is nothing that the public listener knows of', async () => {
    for (const path of ['/admin/v1/doctor', '/debug/identity']) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const lines = [`${method} ${path} HTTP/1.1`, HOST, 'X-Asteroid-Admin: 1'];
        expect((await ask(program.public, lines)).status).toBe(404);
      }
    }
  });
});

describe('/debug/identity of a program (O17)', () => {
  it('tells no value of a header, and nor does the log', async () => {
    const program = await startProgram();
    const lines = honest('Cookie: session=of-alice', 'X_Authenticated_User: mallory');
    await ask(program.public, lines);

    const { status, body } = await ask(program.at('admin'), [
      'GET /debug/identity HTTP/1.1',
      'Host: localhost',
    ]);

    const [request] = JSON.parse(body).requests;
    expect(status).toBe(200);
    expect(request).toMatchObject({
      outcome: 'refused',
      failed: 'header_alias',
      route: 'authorize',
    });
    expect(request.lines.map(({ how }: { how: string }) => how)).toEqual([
      'exact',
      'exact',
      'alias',
    ]);
    const secret = SECRET.split(': ')[1] ?? '';
    for (const value of ['of-alice', 'mallory', secret, CLIENT_SECRET]) {
      expect(body).not.toContain(value);
      expect(program.logText()).not.toContain(value);
    }
    expect(body).not.toMatch(/"alice"/);
  });

  it('is not where only probes ask', async () => {
    const program = await startProgram({
      config: { listen: { public: { port: 0 }, admin: { port: 0 }, health: { port: 0 } } },
    });
    const statusAt = async (name: 'admin' | 'health') =>
      (await ask(program.at(name), ['GET /debug/identity HTTP/1.1', 'Host: localhost'])).status;

    expect(await statusAt('admin')).toBe(200);
    expect(await statusAt('health')).toBe(404);
  });
});

describe('asteroid doctor as a program (O2)', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram();
  });

  const run = (...args: readonly string[]) =>
    runProgram(['doctor', '--admin', `http://127.0.0.1:${portOf(program, 'admin')}`, ...args]);
  const direct = () => ['--through', `http://127.0.0.1:${portOf(program, 'public')}`];

  it('exits 1 where clients reach the issuer itself, and says what is missing', async () => {
    const { code, stdout, stderr } = await run(...direct(), '--proxy', 'caddy');

    expect(stderr).toBe('');
    expect(code).toBe(1);
    expect(stdout).toMatch(/REACHED {2}T01-own-subject {2}\/authorize {2}as a stranger/);
    expect(stdout).toContain('request_header -X-Authenticated-User\n');
    expect(stdout).not.toContain('BELIEVES');
    expect(program.logText()).not.toContain('authorization.granted');
  });

  it('prints JSON for programs, in which the order is always the same', async () => {
    const first = await run(...direct(), '--json');
    const second = await run(...direct(), '--json', '--accept-refused');

    expect([first.code, second.code]).toEqual([1, 0]);
    expect(first.stdout).toBe(second.stdout);
    expect(JSON.parse(first.stdout)).toMatchObject({ issuer: 'https://sso.example' });
  });

  for (const [name, args, problem] of [
    ['a proxy that it does not know', ['--proxy', 'iis'], '--proxy has to be one of nginx,'],
    ['no URL', ['--through', 'sso.example'], '--through has to be the URL'],
    ['a file that is not there', ['--cookie-file', '/nowhere'], 'ENOENT'],
    ['a file without a token', ['--token-file', '/dev/null'], 'is not one token'],
  ] as const) {
    it(`exits 2 with ${name}`, async () => {
      const { code, stdout, stderr } = await run(...direct(), ...args);

      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(problem);
    });
  }

  it('exits 2 without an admin listener that answers', async () => {
    const through = direct();
    const admin = ['--admin', through[1] ?? ''];

    const { code, stderr } = await runProgram(['doctor', ...through, ...admin]);

    expect(code).toBe(2);
    expect(stderr).toContain('/admin/v1/doctor answered 404');
  });

  it('exits 2 while another doctor is at work, and leaves that one alone', async () => {
    await startRecording(program);

    const { code, stderr } = await run(...direct());
    const reading = await ask(program.at('admin'), ['GET /admin/v1/doctor HTTP/1.1', ...ADMIN]);
    await ask(program.at('admin'), ['DELETE /admin/v1/doctor HTTP/1.1', ...ADMIN]);

    expect(code).toBe(2);
    expect(stderr).toContain('a doctor is at work already');
    expect(reading.status).toBe(200);
  });
});
