import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONFIG, createFolder, loadFolder, problemsOf, SECRET } from './loader.fixture.ts';

const folderWith = (hook: string, secret = SECRET) =>
  createFolder({ 'asteroid.yaml': `${CONFIG}token_hook: ${hook}\n`, 'hook-secret': secret });

const HOOK = '{ url: "https://hook.example/t", secret_file: hook-secret }';

describe('token_hook', () => {
  it('is off by default', async () => {
    const { config, tokenHookSecret } = await loadFolder(await createFolder());

    expect(config.token_hook).toBeUndefined();
    expect(tokenHookSecret).toBeUndefined();
  });

  it('refuses tokens when it cannot tell, after a second, unless something else is said', async () => {
    const folder = await folderWith(HOOK);
    const snapshot = await loadFolder(folder);

    expect(snapshot.config.token_hook).toEqual({
      url: 'https://hook.example/t',
      secret_file: path.join(folder, 'hook-secret'),
      timeout: 1,
      on_failure: 'refuse',
    });
    expect(snapshot.tokenHookSecret).toEqual(Buffer.from(SECRET));
    expect(snapshot.warnings.filter((line) => line.includes('token_hook'))).toEqual([]);
  });

  it('is found by its variables as well', async () => {
    const { config } = await loadFolder(await folderWith(HOOK), {
      env: { ASTEROID_TOKEN_HOOK_ON_FAILURE: 'continue', ASTEROID_TOKEN_HOOK_TIMEOUT: '250ms' },
    });

    expect(config.token_hook).toMatchObject({ on_failure: 'continue', timeout: 0.25 });
  });

  for (const [hook, problem] of [
    ['{ secret_file: hook-secret }', 'token_hook.url: is missing; it has to be text'],
    ['{ url: "https://h.example/" }', 'token_hook.secret_file: is missing; it has to be text'],
    [
      '{ url: "ftp://h.example/", secret_file: hook-secret }',
      'token_hook.url: is not an http URL; write it as https://hook.example.com/tokens',
    ],
    [
      '{ url: "https://u:p@h.example/", secret_file: hook-secret }',
      'token_hook.url: has credentials in it; check the signature instead',
    ],
    [
      '{ url: "https://h.example/#a", secret_file: hook-secret }',
      'token_hook.url: has a fragment; remove it',
    ],
    [
      '{ url: "https://h.example/", secret_file: hook-secret, on_failure: ignore }',
      'token_hook.on_failure: has to be one of refuse, continue',
    ],
    [
      '{ url: "https://h.example/", secret_file: missing }',
      'token_hook.secret_file: missing does not exist; create it, or name another file',
    ],
  ] as const)
    it(`refuses ${hook}`, async () => {
      expect(await problemsOf(await folderWith(hook))).toEqual([`asteroid.yaml:5: ${problem}`]);
    });

  it('refuses a secret that somebody could guess', async () => {
    expect(await problemsOf(await folderWith(HOOK, 'short-but-not-a-placeholder'))).toEqual([
      'asteroid.yaml:5: token_hook.secret_file: hook-secret is shorter than 32 bytes; use openssl rand -base64 32',
    ]);
  });

  it('warns of plain http beyond loopback, since answers are not signed', async () => {
    const warningsOf = async (url: string) =>
      (await loadFolder(await folderWith(`{ url: "${url}", secret_file: hook-secret }`))).warnings
        .filter((line) => line.includes('token_hook'))
        .map((line) => line.replace(/^.*?: /, ''));

    expect(await warningsOf('http://hook.example/t')).toEqual([
      'token_hook.url: is plain http, so that anybody on the way can allow tokens; use https',
    ]);
    expect(await warningsOf('http://127.0.0.1:9000/t')).toEqual([]);
    expect(await warningsOf('https://hook.example/t')).toEqual([]);
  });
});
