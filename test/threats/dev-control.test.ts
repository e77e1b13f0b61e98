import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundleProgram } from '../support/bundle.ts';
import { type Child, makeFolder, spawnProgram, startProgram } from '../support/program.ts';
import { ask } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SAMPLES = ['clients', 'users'].flatMap((name) => [
  `--${name}`,
  path.join(ROOT, `${name}.yaml`),
]);

let home = '';
let bundle = '';
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'asteroid-control-'));
  bundle = await bundleProgram(path.join(home, 'program'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const running: Child[] = [];
afterEach(async () => {
  for (const child of running) child.process.kill();
  await Promise.all(running.splice(0).map(({ exit }) => exit));
});

function start(words: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const child = spawnProgram(words, { bundle, env });
  running.push(child);
  return child;
}

const dev = (words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Child =>
  start(['dev', '--port', '0', '--admin-port', '0', ...SAMPLES, ...words], env);

/** Waits until something is so; fails with what the program printed when it ended before. */
const untilOf = (child: Child, isSo: () => boolean): Promise<unknown> =>
  until(() => {
    if (child.process.exitCode !== null) throw new Error(child.stdout() + child.stderr());
    return isSo();
  });

type Access = { readonly url: string; readonly token: string; readonly issuer: string };
const readAccess = (file: string): Access => JSON.parse(readFileSync(file, 'utf8'));

async function startDev(file: string, env: Readonly<Record<string, string>> = {}) {
  const child = dev(['--control-file', file], env);
  await untilOf(child, () => existsSync(file) && /curl -s -H/.test(child.stdout()));
  return { child, ...readAccess(file) };
}

async function stop(child: Child, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  child.process.kill(signal);
  await child.exit;
}

const list = async ({ url, token }: Access): Promise<number> => {
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetch(`${url}/issuers`, { headers })).status;
};

describe('the control file of asteroid dev (O20)', () => {
  it('says how to ask, to its user alone, and is gone with the issuer', async () => {
    const file = path.join(home, 'one.json');

    const { child, ...access } = await startDev(file);

    expect(Object.keys(access)).toEqual(['url', 'token', 'issuer']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await list(access)).toBe(200);
    const { issuer } = JSON.parse(
      await (await fetch(`${access.issuer}/.well-known/openid-configuration`)).text(),
    );
    expect(issuer).toBe(access.issuer);
    await stop(child);
    expect(existsSync(file)).toBe(false);
    expect(await child.exit).toBe(0);
  });

  it('is replaced where an issuer left it that was killed, before anybody listens', async () => {
    const file = path.join(home, 'stale.json');
    const killed = await startDev(file);
    await stop(killed.child, 'SIGKILL');
    expect(existsSync(file)).toBe(true);

    const broken = dev(['--clients', path.join(home, 'none.yaml'), '--control-file', file]);
    expect(await broken.exit).toBe(78);
    expect(existsSync(file)).toBe(false);

    const next = await startDev(file);
    expect(next.token).not.toBe(killed.token);
    expect(await list(next)).toBe(200);
  });

  it('takes the place of no file that is something else', async () => {
    for (const [name, content] of [
      ['notes.txt', 'mine'],
      ['package.json', '{"name":"mine","token":"mine"}'],
      ['login.json', '{"url":"https://a.example/","issuer":"https://a.example","token":"mine"}'],
    ] as const) {
      const file = path.join(home, name);
      writeFileSync(file, content);

      const child = dev(['--control-file', file]);

      expect(await child.exit).toBe(1);
      expect(child.stderr()).toContain('no control file; choose another name');
      expect(readFileSync(file, 'utf8')).toBe(content);
    }
  });

  it('is never written through a link that somebody put there', async () => {
    const target = path.join(home, 'target.txt');
    const file = path.join(home, 'link.json');
    symlinkSync(target, file);

    const child = dev(['--control-file', file]);
    await untilOf(child, () => !lstatSync(file).isSymbolicLink());

    expect(existsSync(target)).toBe(false);
    expect(await list(readAccess(file))).toBe(200);
  });

  it('that cannot be written keeps nothing running', async () => {
    const child = dev(['--control-file', path.join(home, 'none', 'control.json')]);

    expect(await child.exit).toBe(1);
    expect(child.stderr()).toContain('cannot be written');
  });

  it('is left alone by an issuer that another one followed under the same name', async () => {
    const file = path.join(home, 'shared.json');
    const first = await startDev(file);
    const second = dev(['--control-file', file]);
    await untilOf(second, () => existsSync(file) && readAccess(file).token !== first.token);

    await stop(first.child);

    expect(await list(readAccess(file))).toBe(200);
    await stop(second);
    expect(existsSync(file)).toBe(false);
  });
});

describe('the token of asteroid dev (O20)', () => {
  it('is another one at each start, is printed once, and is in no line of the log', async () => {
    const one = await startDev(path.join(home, 'a.json'));
    const two = await startDev(path.join(home, 'b.json'));

    expect(one.token).toMatch(/^[\w-]{43}$/);
    expect(one.token).not.toBe(two.token);
    for (const { child, token, url } of [one, two]) {
      expect(child.stdout().split(token)).toHaveLength(2);
      expect(child.stderr()).not.toContain(token);
      expect(child.stdout()).toContain(`"Authorization: Bearer ${token}" ${url}/issuers\n`);
    }
  });

  it('is that of the environment, which is not printed', async () => {
    const token = 'sixteen-letters0';
    const { child, ...access } = await startDev(path.join(home, 'c.json'), {
      ASTEROID_DEV_TOKEN: token,
    });

    expect(access.token).toBe(token);
    expect(await list(access)).toBe(200);
    expect(await list({ ...access, token: `${token}0` })).toBe(401);
    expect(child.stdout()).not.toContain(token);
    expect(child.stdout()).toContain('"Authorization: Bearer $ASTEROID_DEV_TOKEN"');
    expect(child.stdout()).not.toContain('names no option');
  });

  for (const token of ['', 'fifteen-letters', 'with a blank in it', "with-'quotes'-0123"]) {
    it(`may not be ${JSON.stringify(token)}`, async () => {
      const child = dev([], { ASTEROID_DEV_TOKEN: token });

      expect(await child.exit).toBe(2);
      expect(child.stderr()).toContain('ASTEROID_DEV_TOKEN has to be 16 or more');
    });
  }
});

describe('the ports of asteroid dev (O20)', () => {
  it('are free ones where none is named, so that many run side by side', async () => {
    const all = await Promise.all(
      ['x.json', 'y.json'].map((name) => startDev(path.join(home, name))),
    );

    const ports = all.flatMap(({ url, issuer }) => [new URL(url).port, new URL(issuer).port]);
    expect(new Set(ports).size).toBe(4);
    for (const access of all) {
      expect(access.child.stdout()).toContain(`answers on ${access.issuer}\n`);
      expect(await list(access)).toBe(200);
    }
  });

  it('that are taken are said to be, when they were named', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';

    const child = start(['dev', '--port', port, '--admin-port', '0', ...SAMPLES]);

    expect(await child.exit).toBe(1);
    expect(child.stderr()).toContain(`port ${port} is taken by another program`);
    server.close();
  });
});

describe('asteroid serve (T32, O20)', () => {
  const LINES = ['Host: 127.0.0.1', 'Authorization: Bearer sixteen-letters0'] as const;

  it('has no control API, at no listener and whatever the environment says', async () => {
    const { configFile } = await makeFolder({
      config: { listen: { public: { port: 0 }, admin: { port: 0 }, health: { port: 0 } } },
    });
    const child = start(['serve', '--config', configFile], {
      ASTEROID_DEV_TOKEN: 'sixteen-letters0',
    });

    for (const name of ['public', 'admin', 'health'] as const) {
      const target = await child.at(name);
      for (const line of [
        'GET /dev/v1/issuers',
        'GET /dev/v1/openapi.json',
        'POST /dev/v1/issuers',
      ]) {
        expect((await ask(target, [`${line} HTTP/1.1`, ...LINES])).status).toBe(404);
      }
    }
  });

  it('has nothing there for its own Host either', async () => {
    const program = await startProgram();

    for (const target of [program.public, program.at('admin')]) {
      const lines = ['GET /dev/v1/issuers HTTP/1.1', 'Host: sso.example', LINES[1]];
      expect((await ask(target, lines)).status).toBe(404);
    }
  });

  it('takes no control file', async () => {
    const { configFile } = await makeFolder();

    const child = start(['serve', '--config', configFile, '--control-file', 'x.json']);

    expect(await child.exit).toBe(2);
    expect(child.stderr()).toContain('--control-file');
  });
});

describe('asteroid dev (T32, O20)', () => {
  it('is driven at the listener of the operator alone', async () => {
    const { child: _child, ...access } = await startDev(path.join(home, 'public.json'));

    const { port } = new URL(access.issuer);
    const at = (base: string) => list({ ...access, url: `${base}/dev/v1` });

    expect(await at(`http://127.0.0.1:${port}`)).toBe(404);
    expect(await at(access.issuer)).toBe(404);
    expect(await list(access)).toBe(200);
  });

  it('is no page’s to drive: neither by a name that was pointed at it nor from another site', async () => {
    const { child: _child, url, token } = await startDev(path.join(home, 'pages.json'));
    const target = { port: Number(new URL(url).port) };
    const bearer = `Authorization: Bearer ${token}`;
    const sign = 'DELETE /dev/v1/issuers/root/sign-in HTTP/1.1';

    const rebound = await ask(target, [sign, 'Host: evil.example', bearer]);
    const foreign = await ask(target, [
      sign,
      'Host: localhost',
      bearer,
      'Origin: http://localhost',
    ]);
    const honest = await ask(target, [sign, 'Host: localhost', bearer]);

    expect([rebound.status, foreign.status, honest.status]).toEqual([421, 403, 204]);
  });
});
