import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CLIENT_SECRET, type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import { claimsOf } from '../support/tokens.ts';
import { refresh, signIn } from './threats.fixture.ts';

const SALT = 'c2FsdC1vZi10aGlzLWlzc3Vlci0wMTIzNDU2Nzg5';
const PAIR = {
  client_id: 'app',
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  subject_type: 'pairwise',
};

const start = () =>
  startProgram({
    config: { pairwise: { salt_file: 'salt' } },
    files: { salt: SALT },
    clients: [PAIR],
  });

const subOf = async (program: Program) => claimsOf((await signIn(program)).id_token)['sub'];

const said = (program: Program, message: string) =>
  program.logged().filter(({ msg }) => msg === message);

describe('pairwise subjects of a running issuer (TC-3)', () => {
  it('are not changed by a changed salt, which a reload refuses loudly', async () => {
    const program = await start();
    const before = await subOf(program);

    await program.folder.write('salt', SALT.toUpperCase());
    await program.folder.writeClients([PAIR, { ...PAIR, client_id: 'second' }]);
    await program.reload();

    expect(await subOf(program)).toBe(before);
    expect(said(program, 'reload refused').at(-1)).toMatchObject({
      level: 'error',
      reason:
        'the pairwise salt is another one, and so would be every pairwise sub; restart if you mean it',
    });
    expect(said(program, 'reloaded')).toEqual([]);
    expect(program.logText()).not.toContain(SALT.toUpperCase());

    await program.folder.write('salt', SALT);
    await program.reload();

    // The watch may have been first: then the last reload is one that changes nothing.
    const reloaded = said(program, 'reloaded').map((line) => line['clients_added']);
    expect(reloaded).toContainEqual(['second']);
    expect(await subOf(program)).toBe(before);
  });

  it('do not come with a salt that is there only since the start', async () => {
    const program = await startProgram({ files: { salt: SALT } });
    const text = await readFile(program.folder.configFile, 'utf8');
    const salted = { ...JSON.parse(text), pairwise: { salt_file: 'salt' } };

    await program.folder.write('asteroid.yaml', JSON.stringify(salted));
    await program.folder.writeClients([PAIR]);
    await program.reload();

    expect(said(program, 'reload refused')).not.toEqual([]);
    expect(await subOf(program)).toBe('alice');
  });

  it('are guarded without a signal: the file is watched', async () => {
    const program = await start();

    await program.folder.write('salt', SALT.toUpperCase());

    await expect.poll(() => said(program, 'reload refused')).toHaveLength(1);
  });

  it('are said to be others when a client moves to another sector', async () => {
    const program = await start();
    const before = await subOf(program);

    await program.folder.writeClients([{ ...PAIR, sector_identifier: 'moved.example' }]);
    await program.reload();

    expect(await subOf(program)).not.toBe(before);
    expect(said(program, 'every sub of these clients is another now').at(-1)).toMatchObject({
      level: 'warn',
      clients: ['app'],
    });
  });

  it('say nothing where clients change otherwise', async () => {
    const program = await start();
    const { refresh_token, id_token } = await signIn(program);

    await program.folder.writeClients([{ ...PAIR, client_name: 'App' }]);
    await program.reload();
    const answer = await refresh(program.public, refresh_token);

    expect(said(program, 'every sub of these clients is another now')).toEqual([]);
    expect(claimsOf(JSON.parse(answer.body).id_token)['sub']).toBe(claimsOf(id_token)['sub']);
  });

  it('keep subject and salt out of tokens and logs', async () => {
    const program = await start();
    const tokens = await signIn(program);

    const told = [claimsOf(tokens.access_token), claimsOf(tokens.id_token)];

    expect(JSON.stringify(told)).not.toContain('alice');
    expect(program.logText()).not.toContain(SALT);
  });
});
