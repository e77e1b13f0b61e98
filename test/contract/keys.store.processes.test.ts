import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { START } from '../support/keys.ts';
import { type KeyHouse, SECRET, startKeyHouse } from '../support/stored-keys.ts';

let house: KeyHouse;

beforeAll(async () => {
  house = await startKeyHouse();
});
afterAll(() => house.stop());

/** What a replica does: it opens the keys, evaluates `body` with them at hand, and tells its JWKS. */
const PROGRAM = `
  import { openStoreKeys } from './internal/keys/store/store.ts';
  import { openKeyShelf } from './internal/store/open.ts';
  const [url, issuer, secret, body] = process.argv.slice(1);
  const events = [];
  const keys = await openStoreKeys({
    shelf: await openKeyShelf({ url, issuer, deadlineMs: 5000, maxPending: 1 }),
    issuer,
    secrets: () => [Buffer.from(secret)],
    now: () => ${START},
    tokenLifetime: () => 3600,
    publishAhead: 600,
    checkEvery: 200,
    report: ({ type }) => events.push(type),
  });
  const result = await new Function('keys', 'return (async () => {' + body + '})()')(keys);
  console.log(JSON.stringify({ published: keys.publicKeys(), result, events }));
  await keys.close();
`;

type Answer = {
  readonly published: readonly object[];
  readonly result?: unknown;
  readonly events: readonly string[];
};

function inChild(issuer: string, body = ''): Promise<Answer> {
  const node = ['--import', 'tsx', '--input-type=module', '-e', PROGRAM, '--'];
  const args = [...node, house.server.url, issuer, SECRET.toString(), body];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let problems = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (problems += data.toString()));
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      if (code === 0 && output !== '') resolve(JSON.parse(output) as Answer);
      else reject(new Error(`exit code ${code}: ${problems}`));
    });
  });
}

describe('several processes with keys in one store', () => {
  it('that start at once agree on one set of keys, and end by themselves (F-31, JW-5)', async () => {
    const issuer = house.newIssuer();

    const answers = await Promise.all(Array.from({ length: 4 }, () => inChild(issuer)));

    expect(new Set(answers.map(({ published }) => JSON.stringify(published))).size).toBe(1);
    expect(answers.flatMap(({ events }) => events)).toEqual(['key.created', 'key.created']);
    expect((await house.content(issuer)).keys).toHaveLength(2);
  });

  it('that need the first RSA key at once make one', async () => {
    const issuer = house.newIssuer();
    const body = "return (await keys.sign('RS256', 'JWT', {})).split('.')[0]";

    const answers = await Promise.all(Array.from({ length: 3 }, () => inChild(issuer, body)));

    expect(new Set(answers.map(({ result }) => result)).size).toBe(1);
    expect((await house.content(issuer)).keys).toHaveLength(3);
  });
});
