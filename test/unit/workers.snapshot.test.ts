import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { readSnapshot } from '../../internal/app/read.ts';
import { pauseAfter } from '../../internal/app/workers/keep.ts';
import { createQuestions } from '../../internal/app/workers/questions.ts';
import { packSnapshot, unpackSnapshot } from '../../internal/app/workers/snapshot.ts';
import { createFolder } from './loader.fixture.ts';

const secret = (): string => randomBytes(32).toString('base64url');

/** A configuration with everything in it that is more than text and numbers. */
async function read() {
  const folder = await createFolder();
  const write = (name: string, content: string) =>
    writeFile(path.join(folder, name), content, { mode: 0o600 });
  await write('secret', secret());
  await write('salt', secret());
  await write(
    'clients.yaml',
    JSON.stringify({
      clients: [
        {
          client_id: 'signing',
          client_secret: secret(),
          token_endpoint_auth_method: 'client_secret_jwt',
          redirect_uris: ['https://signing.example/'],
        },
        {
          client_id: 'hashed',
          client_secret_hash: `$sha256$${Buffer.alloc(32, 7).toString('base64url')}`,
          redirect_uris: ['https://hashed.example/'],
          subject_type: 'pairwise',
          claims: { roles: { from: 'groups', match: 'app-[a-z]+', values: { 'app-a': 'a' } } },
        },
      ],
    }),
  );
  const config = {
    issuer: 'https://sso.example',
    clients: { file: 'clients.yaml' },
    pairwise: { salt_file: 'salt' },
    upstream: { trust: { secret: { files: ['secret'] } } },
    scopes: { 'reports:read': { description: 'reports', claims: ['department'] } },
    userinfo: { backends: [{ type: 'headers' }] },
  };
  await write('asteroid.yaml', JSON.stringify(config));
  return readSnapshot({ files: [path.join(folder, 'asteroid.yaml')], env: {}, mode: 'serve' });
}

describe('a configuration on its way to a worker', () => {
  it('arrives as it was read, but for how it was read', async () => {
    const { clientSet, warnings: _said, ...snapshot } = await read();

    // What a channel between processes does to a message.
    const arrived = unpackSnapshot(deserialize(serialize(packSnapshot(await reread()))));

    async function reread() {
      return { ...snapshot, clientSet, warnings: ['a word of warning'] };
    }
    const { clientSet: set, warnings, ...rest } = arrived;
    expect(rest).toEqual(snapshot);
    expect(set.clients).toEqual(snapshot.clients);
    expect(set.text()).toBe('');
    expect(warnings).toEqual([]);
    const [signing] = rest.clients.get('signing')?.secrets ?? [];
    const [known] = snapshot.clients.get('signing')?.secrets ?? [];
    expect(signing?.kind).toBe('clear');
    expect(signing).toEqual(known);
  });
});

describe('the pause before a worker is replaced', () => {
  it('doubles with each death in a row, and ends somewhere', () => {
    expect([1, 2, 3, 7, 8, 100].map(pauseAfter)).toEqual([100, 200, 400, 6400, 10_000, 10_000]);
  });
});

describe('questions of one worker to the others', () => {
  const QUESTION = { kind: 'ready' } as const;
  function createMember() {
    const asked: number[] = [];
    return { asked, ask: (id: number) => void asked.push(id) };
  }

  it('are answered in the order of the members, whoever answers first', async () => {
    const questions = createQuestions();
    const [first, second] = [createMember(), createMember()];

    const answers = questions.ask(QUESTION, [first, second]);
    questions.answer(second, second.asked[0] ?? 0, 'two');
    questions.answer(first, first.asked[0] ?? 0, 'one');

    expect(await answers).toEqual(['one', 'two']);
  });

  it('are answered by nobody who was not asked', async () => {
    const questions = createQuestions();
    const [first, second] = [createMember(), createMember()];

    const answers = questions.ask(QUESTION, [first]);
    questions.answer(second, first.asked[0] ?? 0, 'forged');
    questions.answer(first, first.asked[0] ?? 0, 'own');

    expect(await answers).toEqual(['own']);
  });

  it('wait neither for who is not there, nor for who ends, nor for ever', async () => {
    const questions = createQuestions(30);
    const [ending, silent] = [createMember(), createMember()];

    const answers = questions.ask(QUESTION, [undefined, ending, silent]);
    questions.forget(ending);

    expect(await answers).toEqual([undefined, undefined, undefined]);
  });
});
