// The real oauth2-proxy as the lines of the preset `oauth2-proxy-id-token` have it: the printed command
// and the printed alpha configuration, with files of this run in place of those under /run and /etc.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePort } from '../support/free-port.ts';
import { type IdentityProvider, startIdentityProvider } from './oauth2-proxy.ts';
import { type PresetAsteroid, showProxy, startPreset } from './preset.ts';
import { ROOT, start, temporaryFolder } from './rig.ts';

const PRESET = 'oauth2-proxy-id-token';

export type IdTokenRig = {
  /** Where browsers see the proxy, which is the issuer behind it. */
  readonly issuer: string;
  readonly provider: IdentityProvider;
  readonly asteroid: PresetAsteroid;
};

/** An identity provider, Asteroid, and the proxy in front of it that signs people in there. */
export async function startIdTokenRig(clients: string): Promise<IdTokenRig> {
  const issuer = `http://localhost:${await findFreePort()}`;
  const provider = await startIdentityProvider(`${issuer}/oauth2/callback`);
  const asteroid = await startPreset({
    preset: PRESET,
    issuer,
    clients,
    fill: {
      'https://idp.example.com/jwks': `${provider.issuer}/jwks.json`,
      'https://idp.example.com': provider.issuer,
      'asteroid-proxy': provider.clientId,
    },
  });
  await startPrinted(showProxy(asteroid, PRESET), new URL(issuer), provider);
  return { issuer, provider, asteroid };
}

async function startPrinted(
  printed: string,
  { port }: URL,
  { clientSecret }: IdentityProvider,
): Promise<void> {
  const home = temporaryFolder();
  const write = (name: string, text: string): string => {
    const file = path.join(home, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const files: Readonly<Record<string, string>> = {
    '/run/secrets/oauth2-proxy-client': write('client', clientSecret),
    '/run/secrets/oauth2-proxy-cookie': write('cookie', randomBytes(16).toString('hex')),
    '/etc/oauth2-proxy/alpha.yaml': path.join(home, 'alpha.yaml'),
  };
  const filled = Object.entries(files).reduce(
    (text, [place, file]) => text.replaceAll(place, file),
    printed,
  );
  write('alpha.yaml', filled);
  await start(path.join(ROOT, '.cache/bin/oauth2-proxy'), commandOf(filled), {
    port: Number(port),
    cwd: home,
  });
}

/** The arguments of the command in the first comment, which goes on as long as its lines end in `\`. */
function commandOf(printed: string): readonly string[] {
  const [, command] = /^# +oauth2-proxy (--(?:.*\\\n#)*.*)$/m.exec(printed) ?? [];
  if (command === undefined) throw new Error(`no command:\n${printed}`);
  return command
    .replaceAll('\\\n#', ' ')
    .trim()
    .split(/\s+/)
    .map((argument) => argument.replaceAll("'", ''));
}
