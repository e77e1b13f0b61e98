import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import { claimsOf } from '../support/tokens.ts';
import { APP, ask, codeOf, honest, lineOf, signIn, submit } from './threats.fixture.ts';

const SECRETS = ['a-secret-of-the-hook-0123456789abcdef', 'the-next-one-of-it-0123456789abcdef'];

const servers: Server[] = [];

afterAll(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A hook as an operator would write it: it believes no question that nobody signed with its secret. */
async function startHook() {
  const hook = { secret: SECRETS[0] ?? '', says: { allow: true } as object, down: false };
  const asked: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const [, time, mac] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['asteroid-signature'])) ?? [];
    const own = createHmac('sha256', hook.secret).update(`${time}.${body}`).digest('hex');
    if (hook.down || mac !== own || Math.abs(Date.now() / 1000 - Number(time)) > 300) {
      response.writeHead(401).end();
      return;
    }
    asked.push(JSON.parse(body));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(hook.says));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { hook, asked, url: `http://127.0.0.1:${port}/tokens` };
}

async function start(more: { readonly on_failure?: string } = {}) {
  const { hook, asked, url } = await startHook();
  const program = await startProgram({
    config: { token_hook: { url, secret_file: 'hook-secret', ...more } },
    files: { 'hook-secret': `${SECRETS[0]}\n` },
  });
  return { hook, asked, program };
}

const codeFor = async (program: Program) =>
  codeOf(await ask(program.public, honest('X-Authenticated-Email: alice@example.test')));

const redeemRaw = (program: Program, code = '') =>
  submit(
    program.public,
    '/token',
    { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI },
    `Authorization: ${APP}`,
  );

const said = (program: Program, message: string) =>
  program.logged().filter(({ msg }) => msg === message);

describe('the token hook of a running issuer', () => {
  it('is asked with a signature it can check, and its claims are in the tokens', async () => {
    const { hook, asked, program } = await start();
    hook.says = { allow: true, id_token_claims: { team: 'blue', sub: 'root' } };

    const { id_token } = await signIn(program);

    expect(claimsOf(id_token)).toMatchObject({ sub: 'alice', team: 'blue' });
    expect(asked).toMatchObject([
      { issuer: 'https://sso.example', client_id: 'app', subject: 'alice' },
    ]);
    expect(said(program, 'token_hook.reserved_claims')).toMatchObject([
      { level: 'warn', client: 'app', claims: ['sub'] },
    ]);
  });

  it('refuses, and the same code works once it does not', async () => {
    const { hook, program } = await start();
    const code = await codeFor(program);

    hook.says = { allow: false, reason: 'not on a Sunday' };
    const refused = await redeemRaw(program, code);
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body)).toMatchObject({ error: 'access_denied' });
    expect(refused.body).not.toContain('Sunday');
    expect(said(program, 'token_hook.refused')).toMatchObject([{ said: 'not on a Sunday' }]);
    hook.says = { allow: true };
    expect((await redeemRaw(program, code)).status).toBe(200);
  });

  it('is 503 with Retry-After while it cannot tell, and the same code works after', async () => {
    const { hook, program } = await start();
    const code = await codeFor(program);

    hook.down = true;
    const answer = await redeemRaw(program, code);
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(JSON.parse(answer.body)).toMatchObject({ error: 'temporarily_unavailable' });
    expect(lineOf(program, answer)?.['reason']).toBe('hook_unavailable');
    hook.down = false;
    expect((await redeemRaw(program, code)).status).toBe(200);
  });

  it('is gone over where that is configured, loudly', async () => {
    const { hook, program } = await start({ on_failure: 'continue' });
    hook.down = true;

    const { id_token } = await signIn(program);

    expect(claimsOf(id_token)['sub']).toBe('alice');
    expect(said(program, 'token_hook.failed')).toMatchObject([{ level: 'error', continued: true }]);
  });

  it('gets the next secret without a restart or a signal, and no log ever has one', async () => {
    const { hook, program } = await start();
    await signIn(program);

    hook.secret = SECRETS[1] ?? '';
    const code = await codeFor(program);
    expect((await redeemRaw(program, code)).status).toBe(503);
    await program.folder.write('hook-secret', `${SECRETS[1]}\n`);

    await expect
      .poll(async () => (await redeemRaw(program, code)).status, { timeout: 15_000 })
      .toBe(200);
    for (const secret of SECRETS) expect(program.logText()).not.toContain(secret);
  });
});
