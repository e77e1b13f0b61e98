// docs/guides/vault.md against a real Vault in development mode: VAULT is the program.

import { randomBytes } from 'node:crypto';
import { openBrowser } from '../e2e/browser.ts';
import { ask, freePorts, start } from '../e2e/rig.ts';
import { ALICE, check, localise, makeSecret, readGuide, startIssuer } from './guide.ts';
import { command, fromEnvironment, runShell } from './programs.ts';

const LOCAL = 'http://localhost:8250/oidc/callback';

export async function vault(): Promise<void> {
  const guide = readGuide('vault');
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const secret = makeSecret();
  const names = { 'https://vault.example.com': url, '/run/secrets/vault': secret.file };
  const { issuer } = await startIssuer(guide, names);
  const program = fromEnvironment('VAULT');
  const root = randomBytes(16).toString('hex');
  await start(
    program,
    ['server', '-dev', `-dev-root-token-id=${root}`, `-dev-listen-address=127.0.0.1:${port}`],
    { port },
  );
  const env = { ...command('vault', [program]), VAULT_ADDR: url, VAULT_TOKEN: root };
  runShell(
    localise(guide.block('sh', 'auth/oidc/config'), {
      ...names,
      'https://sso.example.com': issuer,
    }),
    env,
  );
  runShell(bindGroup(guide.block('sh', 'identity/group ')), env);

  const alice = await login(url, ALICE);
  check('alice has a token of Vault', alice.includes('"client_token"'), alice);
  check('her group gives her its policy', alice.includes('"engineering"'), alice);
  const bob = await login(url, { ...ALICE, 'x-authenticated-user': 'bob' });
  check('bob has one, too', bob.includes('"client_token"'), bob);
  check('and no policy of another group', !bob.includes('"engineering"'), bob);
}

/** The commands of the guide, with what each prints where the next needs it. */
function bindGroup(text: string): string {
  const [group = '', mounts = '', alias = ''] = text.trim().split('\n');
  const read = (path: string) => `node -pe 'JSON.parse(require("fs").readFileSync(0))${path}'`;
  return [
    `GROUP=$(${group} | ${read('.data.id')})`,
    `ACCESSOR=$(${mounts} | ${read('["oidc/"].accessor')})`,
    alias,
  ].join('\n');
}

/** What `vault login -method=oidc` does. */
async function login(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const nonce = randomBytes(16).toString('hex');
  const asked = await fetch(`${url}/v1/auth/oidc/oidc/auth_url`, {
    method: 'PUT',
    body: JSON.stringify({ role: 'everyone', redirect_uri: LOCAL, client_nonce: nonce }),
  });
  const { data } = (await asked.json()) as { data: { auth_url: string } };
  const visit = await openBrowser([], headers).visit(data.auth_url, LOCAL);
  const answer = new URL(visit.url).searchParams;
  answer.set('client_nonce', nonce);
  return (await ask(`${url}/v1/auth/oidc/oidc/callback?${answer}`)).body;
}
