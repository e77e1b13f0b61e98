// oauth2-proxy as the reverse proxy, with what `asteroid preset show` prints: its alpha configuration,
// and the command line that is in the comment above it.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type IdentityProvider, OAUTH2_PROXY } from './oauth2-proxy.ts';
import { printLines } from './printed.ts';
import { type Asteroid, type Running, start, temporaryFolder } from './rig.ts';

export type Oauth2ProxyFront = {
  readonly listen: number;
  readonly asteroid: Pick<Asteroid, 'configFile'>;
  readonly provider: IdentityProvider;
};

export async function startOauth2ProxyFront(options: Oauth2ProxyFront): Promise<Running> {
  const { listen, asteroid, provider } = options;
  const home = temporaryFolder();
  const secret = (name: string, text: string): string => {
    const file = path.join(home, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const client = secret('client', provider.clientSecret);
  const cookie = secret('cookie', randomBytes(16).toString('hex'));
  const config = path.join(home, 'alpha.yaml');
  // Only the identity provider is not in Asteroid's configuration.
  const text = printLines({ asteroid, preset: 'oauth2-proxy', proxy: 'oauth2-proxy' })
    .replace('"asteroid-proxy"', provider.clientId)
    .replace('"https://idp.example.com"', provider.issuer)
    .replace('/run/secrets/oauth2-proxy-client', client)
    .replace('/run/secrets/oauth2-proxy-cookie', cookie)
    .replace('/etc/oauth2-proxy/alpha.yaml \\', `${config} \\`);
  writeFileSync(config, text);
  const args = text
    .split('\n')
    .flatMap((line) => (line.startsWith('#   ') ? [...line.matchAll(/--[^\s]+/g)] : []))
    .map(([arg]) => arg.replaceAll("'", ''));
  const cwd = path.dirname(asteroid.configFile);
  return await start(OAUTH2_PROXY, args, { port: listen, cwd });
}
