// `asteroid dev --emit`, as somebody types it.

import { describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { linesNamed, startApp } from '../support/producer.ts';
import { makeFolder, spawnProgram } from '../support/program.ts';

describe('asteroid dev --emit', () => {
  it('says where it stands, what it sends and how to verify it, and ends with a signal', async () => {
    const { file } = await makeFolder({ users: [{ sub: 'alice', email: 'a@corp.example' }] });
    const app = await startApp();
    const port = await findFreePort();
    const child = spawnProgram([
      ...['dev', '--emit', 'pomerium', '--to', app.url, '--port', `${port}`],
      ...['--users', file('users.yaml'), '--as', 'alice', '--audience', 'app.example'],
    ]);
    await expect.poll(child.stdout, { timeout: 15_000 }).toContain('X-Asteroid-As');

    const text = child.stdout();
    for (const word of [
      ...[`http://localhost:${port}`, app.url, 'X-Pomerium-Jwt-Assertion', 'app.example'],
      ...[`http://localhost:${port}/.well-known/pomerium/jwks.json`, '/.pomerium/sign_out'],
    ]) {
      expect(text).toContain(word);
    }
    expect((await fetch(`http://localhost:${port}/hello`)).status).toBe(200);
    expect(
      linesNamed(app.arrived[0] ?? { rawHeaders: [] }, 'X-Pomerium-Jwt-Assertion'),
    ).toHaveLength(1);
    child.process.kill('SIGTERM');
    expect(await child.exit).toBe(0);
  });

  const runDev = async (args: readonly string[], env = {}) => {
    const child = spawnProgram(['dev', ...args], { env });
    return [await child.exit, child.stderr().trim()];
  };
  const run = (args: readonly string[], env = {}) => runDev(['--emit', ...args], env);
  const TO = ['--to', 'http://localhost:3000'];

  it('refuses production, other machines, and what is missing', async () => {
    const refused = await Promise.all([
      run(['authelia', ...TO], { NODE_ENV: 'production' }),
      run(['authelia', ...TO, '--host', '0.0.0.0']),
      run(['authelia']),
      run(['apache', ...TO, '--users', 'users.yaml']),
      run(['authelia', ...TO, '--users', 'users.yaml', '--as', 'mallory']),
      run(['authelia', ...TO, '--port', 'http']),
      runDev(TO),
    ]);

    expect(refused).toEqual([
      [2, 'asteroid dev lets anybody sign in as anybody: unset NODE_ENV=production, or serve'],
      [2, 'asteroid dev --emit listens on loopback alone: leave --host out'],
      [2, '--emit needs --to, where the app listens: --to http://localhost:3000'],
      [78, expect.stringMatching(/^nobody speaks as apache does; there are oauth2-proxy, /)],
      [78, 'as: there is no End-User mallory; there are alice, bob'],
      [2, '--port has to be a number'],
      [2, '--to says something only with --emit: name the preset, or leave it out'],
    ]);
  }, 60_000);
});
