import { beforeAll, describe, expect, it } from 'vitest';
import { PKCE } from '../support/pkce.ts';
import {
  CLIENT_SECRET,
  type Metadata,
  type Program,
  REDIRECT_URI,
  startProgram,
} from '../support/program.ts';
import { ALICE, ask, authorize, codeOf, HOST, SECRET, submit } from './threats.fixture.ts';

const clientOf = (client_id: string, more: Metadata): Metadata => ({
  client_id,
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  ...more,
});

const NATIVE: Metadata = {
  client_id: 'native',
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/cb'],
  consent: 'always',
};

let program: Program;
beforeAll(async () => {
  program = await startProgram({
    clients: [
      clientOf('silent', {}),
      clientOf('skip', { consent: 'skip' }),
      clientOf('once', { consent: 'once' }),
      clientOf('always', { consent: 'always' }),
      NATIVE,
    ],
  });
});

/** What alice gets to see: a page that asks, or the application with its code. */
async function visit(query: Readonly<Record<string, string>>) {
  const answer = await ask(program.public, [authorize(query), HOST, SECRET, ALICE]);
  const handle = /pr_[\w-]+\.[\w-]+/.exec(answer.body)?.[0];
  return { saw: codeOf(answer) === undefined ? 'the page' : 'the application', handle };
}

async function allow(handle: string | undefined): Promise<string | undefined> {
  return codeOf(
    await submit(program.public, '/consent', { handle, decision: 'allow' }, SECRET, ALICE),
  );
}

describe('clients that are not asked about (RFC 6749 §10.13, RFC 8252 §8.6; AZ-22)', () => {
  it('are those of clients.yaml that say nothing or skip: the operator vouches for them', async () => {
    expect((await visit({ client_id: 'silent' })).saw).toBe('the application');
    expect((await visit({ client_id: 'skip' })).saw).toBe('the application');
    expect((await visit({ client_id: 'once' })).saw).toBe('the page');
    expect((await visit({ client_id: 'always' })).saw).toBe('the page');
  });

  it('are asked about all the same when the request says prompt=consent', async () => {
    expect((await visit({ client_id: 'silent', prompt: 'consent' })).saw).toBe('the page');
  });

  it('are those that asked once and were allowed, and never those that always ask', async () => {
    for (const [client_id, then] of [
      ['once', 'the application'],
      ['always', 'the page'],
    ] as const) {
      const { handle } = await visit({ client_id });
      expect(await allow(handle)).toBeDefined();
      expect((await visit({ client_id })).saw).toBe(then);
    }
  });

  it('are no native apps that always ask, whichever port they listen on', async () => {
    for (const port of [49_152, 49_153]) {
      const redirect_uri = `http://127.0.0.1:${port}/cb`;
      const { saw, handle } = await visit({ client_id: 'native', redirect_uri, ...PKCE });

      expect(saw).toBe('the page');
      expect(await allow(handle)).toBeDefined();
    }
  });
});
