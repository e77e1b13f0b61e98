// Certificates of operators while their CA is replaced: on connections that are open already.

import { describe, expect, it } from 'vitest';
import { startAdminApi, TOKENS, WRITER } from '../support/admin-api.ts';
import { createAuthority } from '../support/certificates.ts';
import { ADMIN_NAME, knowing, nameOf, OPERATORS, showing } from '../support/operators.ts';
import { openRaw, type RawTarget } from '../support/raw-http.ts';

const NEXT = createAuthority('next operators');
const NAMES = nameOf('deploy');

async function start() {
  const { listen, admin, files } = knowing({ deploy: 'write' });
  const { program } = await startAdminApi({
    config: { listen, admin: { ...admin, tokens: TOKENS, console: { enabled: true } } },
    files,
  });
  return program;
}

/** One connection, on which one request after the other is sent. */
async function keep(target: RawTarget, certificate: object) {
  const connection = await openRaw(showing(target, certificate));
  return async (path: string, ...lines: readonly string[]) => {
    const head = [`GET ${path} HTTP/1.1`, `Host: ${ADMIN_NAME}`, ...lines];
    connection.write(`${head.join('\r\n')}\r\n\r\n`);
    return connection.next();
  };
}

const STATUS = '/admin/v1/status';

describe('the CA of operators that is replaced (O21, O22)', () => {
  it('lets nobody in any more on a connection that is open, which ends', async () => {
    const program = await start();
    const deploy = await keep(program.at('admin'), OPERATORS.issue(NAMES));
    expect((await deploy(STATUS)).status).toBe(200);

    await program.folder.write('operators', NEXT.cert);
    await program.reload();
    const { status, headers } = await deploy(STATUS);

    expect([status, headers['connection']]).toEqual([401, 'close']);
    const next = await keep(program.at('admin'), NEXT.issue(NAMES));
    expect((await next(STATUS)).status).toBe(200);
  });

  it('shows nobody the console any more on a connection that is open', async () => {
    const program = await start();
    const deploy = await keep(program.at('admin'), OPERATORS.issue(NAMES));
    expect((await deploy('/console/keys')).status).toBe(200);

    await program.folder.write('operators', NEXT.cert);
    await program.reload();

    expect((await deploy('/console/keys')).status).not.toBe(200);
    const next = await keep(program.at('admin'), NEXT.issue(NAMES));
    expect((await next('/console/keys')).status).toBe(200);
  });

  it('takes nothing from tokens on the same connection', async () => {
    const program = await start();
    const deploy = await keep(program.at('admin'), OPERATORS.issue(NAMES));
    expect((await deploy(STATUS)).status).toBe(200);

    await program.folder.write('operators', NEXT.cert);
    await program.reload();

    expect((await deploy(STATUS, `Authorization: Bearer ${WRITER}`)).status).toBe(200);
  });

  it('lets those in whom it did not know before, once they connect again', async () => {
    const program = await start();
    const early = await keep(program.at('admin'), NEXT.issue(NAMES));
    expect((await early(STATUS)).status).toBe(401);

    await program.folder.write('operators', `${OPERATORS.cert}\n${NEXT.cert}`);
    await program.reload();

    // What was not verified at the handshake is not verified by a reload; so the connection ends.
    expect((await early(STATUS)).headers['connection']).toBe('close');
    const again = await keep(program.at('admin'), NEXT.issue(NAMES));
    expect((await again(STATUS)).status).toBe(200);
  });
});
