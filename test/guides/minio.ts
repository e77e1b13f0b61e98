// docs/guides/minio.md against a real MinIO: MINIO is the program.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, temporaryFolder } from '../e2e/rig.ts';
import { findFreePorts } from '../support/free-port.ts';
import {
  ALICE,
  check,
  fetchIdToken,
  localise,
  makeSecret,
  readGuide,
  startIssuer,
} from './guide.ts';
import { fromEnvironment, runShell } from './programs.ts';

const WRITERS = { ...ALICE, 'x-authenticated-groups': 'minio:readwrite,engineering' };

export async function minio(): Promise<void> {
  const guide = readGuide('minio');
  const [port = 0, consolePort = 0] = await findFreePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const secret = makeSecret();
  const names = { 'https://minio.example.com': url, '/run/secrets/minio': secret.file };
  const { issuer } = await startIssuer(guide, names, { backends: '[{ type: headers }]' });
  const exported = localise(guide.block('sh', 'export MINIO_IDENTITY'), {
    ...names,
    'https://sso.example.com': issuer,
  });
  const run = [
    `MINIO_ROOT_USER=root MINIO_ROOT_PASSWORD=a-password-of-this-run`,
    `exec '${fromEnvironment('MINIO')}' server --address 127.0.0.1:${port}`,
    `--console-address 127.0.0.1:${consolePort} '${path.join(temporaryFolder(), 'data')}'`,
  ].join(' ');
  await start('sh', ['-e', '-c', `${exported}export ${run.replace(' exec', '\nexec')}`], { port });

  const ask = async (headers: Readonly<Record<string, string>>): Promise<string> => {
    const client = { id: 'minio', secret: secret.value, redirectUri: `${url}/oauth_callback` };
    const token = await fetchIdToken(issuer, client, 'openid groups', headers);
    const shell = localise(guide.block('sh', 'AssumeRoleWithWebIdentity'), {
      'https://minio.example.com': url,
    });
    return runShell(shell, { ID_TOKEN: token });
  };
  // It listens before it has read its policies.
  let granted = await ask(WRITERS);
  for (let tries = 0; tries < 30 && !granted.includes('<SecretAccessKey>'); tries += 1) {
    await sleep(1000);
    granted = await ask(WRITERS);
  }
  check(
    'whose group names a policy gets credentials',
    granted.includes('<SecretAccessKey>'),
    granted,
  );
  const refused = await ask(ALICE);
  check('whose groups name none gets none', refused.includes('<Code>'), refused);
}
