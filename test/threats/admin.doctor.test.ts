// The doctor and what arrived, where the configuration has `admin`: whoever reaches the listener is not
// let in for that alone, and probes are.

import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { READER, startAdminApi, TOKENS, WRITER } from '../support/admin-api.ts';
import { type Program, runProgram, startProgram } from '../support/program.ts';
import { ask, attempt, honest, SIGNED_IN } from './threats.fixture.ts';

/** Three programs are started, and the machine may be busy. */
const PATIENT = { timeout: 90_000 };

const HOST = 'Host: 127.0.0.1';
const CHANGES = 'X-Asteroid-Admin: 1';
const DOCTOR = '/admin/v1/doctor';
const IDENTITY = '/debug/identity';
const by = (token: string): string => `Authorization: Bearer ${token}`;

const call = async (program: Program, line: string, ...lines: readonly string[]) => {
  const answer = await ask(program.at('admin'), [`${line} HTTP/1.1`, HOST, ...lines]);
  return { ...answer, json: answer.body === '' ? undefined : JSON.parse(answer.body) };
};

describe('the doctor and what arrived, where the configuration has admin (O2, O17)', () => {
  let program: Program;
  beforeAll(async () => {
    ({ program } = await startAdminApi({
      config: { admin: { tokens: TOKENS, hosts: ['admin.sso.svc'] } },
    }));
  });

  for (const line of [`GET ${IDENTITY}`, `GET ${DOCTOR}`, `POST ${DOCTOR}`, `DELETE ${DOCTOR}`]) {
    it(`refuse ${line} of whoever shows nothing, or something else`, async () => {
      for (const lines of [
        [],
        ['Authorization: Bearer adm_wrong'],
        ['Authorization: Basic eDp5'],
      ]) {
        const { status, json, headers } = await call(program, line, CHANGES, ...lines);

        expect([status, json.error]).toEqual([401, 'invalid_token']);
        expect(headers['www-authenticate']).toMatch(/^Bearer realm="asteroid admin"/);
        expect(headers['cache-control']).toBe('no-store');
      }
    });
  }

  it('tell those who may look what arrived', async () => {
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);

    const { status, json } = await call(program, `GET ${IDENTITY}`, by(READER));

    expect(status).toBe(200);
    expect(json.requests[0]).toMatchObject({ route: 'authorize', outcome: 'identified' });
  });

  it('let nobody begin or end a recording who may only look', async () => {
    for (const method of ['POST', 'DELETE']) {
      const { status, json } = await call(program, `${method} ${DOCTOR}`, CHANGES, by(READER));
      expect([status, json.error]).toEqual([403, 'insufficient_role']);
    }
    expect((await call(program, `GET ${DOCTOR}`, by(READER))).json).toEqual({
      error: 'not_recording',
    });
    const refused = program.logged().filter(({ msg }) => msg === 'admin.refused');
    expect(refused.at(-1)).toMatchObject({
      reason: 'admin_role_insufficient',
      actor: 'token:reader',
    });
  });

  it('let those begin and end one who may change something', async () => {
    const { status, json } = await call(program, `POST ${DOCTOR}`, by(WRITER));
    expect([status, json.canary]).toEqual([201, expect.stringMatching(/^[0-9a-f]{64}$/)]);

    expect((await call(program, `GET ${DOCTOR}`, by(READER))).status).toBe(200);
    expect((await call(program, `DELETE ${DOCTOR}`, by(WRITER))).status).toBe(204);
  });

  it('keep pages of browsers out, whatever they know', async () => {
    const { port } = program.at('admin') as { readonly port: number };
    const at = (host: string, ...lines: readonly string[]) =>
      ask({ port }, [`GET ${IDENTITY} HTTP/1.1`, `Host: ${host}`, by(WRITER), ...lines]);

    expect((await at('evil.example')).status).toBe(421);
    expect((await at('127.0.0.1', 'Origin: https://evil.example')).status).toBe(403);
    expect((await at('admin.sso.svc')).status).toBe(200);
  });

  it('leave probes and numbers open', async () => {
    for (const path of ['/livez', '/readyz']) {
      expect((await call(program, `GET ${path}`)).status).toBe(200);
    }
    expect((await ask(program.at('admin'), ['GET /metrics HTTP/1.1', HOST])).status).toBe(200);
  });

  it('are asked by the program with a token of a file, and not without', PATIENT, async () => {
    await program.folder.write('token', `${WRITER}\n`);
    await program.folder.write('reader', READER);
    const portOf = (name: 'public' | 'admin') => (program.at(name) as { port: number }).port;
    const run = (...args: readonly string[]) =>
      runProgram([
        ...['doctor', '--through', `http://127.0.0.1:${portOf('public')}`],
        ...['--admin', `http://127.0.0.1:${portOf('admin')}`, '--json', ...args],
      ]);

    const known = await run('--token-file', program.folder.file('token'));
    const reader = await run('--token-file', program.folder.file('reader'));
    const nobody = await run();

    expect(known).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(known.stdout)).toMatchObject({ issuer: 'https://sso.example' });
    expect(nobody).toMatchObject({ code: 2, stdout: '' });
    expect(nobody.stderr).toContain('--token-file');
    expect(reader.code).toBe(2);
    expect(reader.stderr).toContain('write');
    expect(known.stdout + nobody.stderr + reader.stderr).not.toContain(WRITER);
  });
});

describe('a configuration that gets or loses admin while it runs (O2, O17)', () => {
  it('closes and opens the doctor and what arrived from the next request on', async () => {
    const program = await startProgram();
    const before = JSON.parse(await readFile(program.folder.configFile, 'utf8'));
    const look = async (...lines: readonly string[]) =>
      (await call(program, `GET ${IDENTITY}`, ...lines)).status;
    expect(await look()).toBe(200);

    const closed = { ...before, admin: { tokens: TOKENS } };
    await program.folder.write('asteroid.yaml', JSON.stringify(closed));
    await program.reload();
    expect([await look(), await look(by(READER))]).toEqual([401, 200]);

    await program.folder.write('asteroid.yaml', JSON.stringify(before));
    await program.reload();
    expect(await look()).toBe(200);
  });
});
