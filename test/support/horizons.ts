// The whole program with two ways to it and an issuer that neither of them leads to: people's browsers
// come by `localhost`, programs by `127.0.0.1`, and `https://sso.example` is but a name.

import { findFreePort } from './free-port.ts';
import {
  CLIENT_SECRET,
  type FolderOptions,
  type Metadata,
  type Program,
  startProgram,
  UPSTREAM_SECRET,
} from './program.ts';

export const ISSUER = 'https://sso.example';
export const CALLBACK = 'https://rp.example/callback';

export type Horizons = {
  readonly program: Program;
  readonly browserBase: string;
  readonly backchannelBase: string;
};

/** A client as clients.yaml has it. */
export const clientOf = (client_id: string, more: Metadata = {}): Metadata => ({
  client_id,
  client_secret: CLIENT_SECRET,
  redirect_uris: [CALLBACK],
  ...more,
});

export async function startHorizons(options: FolderOptions): Promise<Horizons> {
  const port = await findFreePort();
  const browserBase = `http://localhost:${port}`;
  const backchannelBase = `http://127.0.0.1:${port}`;
  const program = await startProgram({
    ...options,
    config: {
      listen: { public: { port }, admin: { port: 0 } },
      endpoints: { browser_base: browserBase, backchannel_base: backchannelBase },
      userinfo: { backends: [{ type: 'yaml', file: 'users.yaml' }] },
      ...options.config,
    },
  });
  return { program, browserBase, backchannelBase };
}

/** What a browser brings back from there, when the proxy says who is at it. */
export async function visit(url: URL, user: string): Promise<URL> {
  const headers = {
    'X-Asteroid-Upstream-Secret': UPSTREAM_SECRET,
    'X-Authenticated-User': user,
  };
  const response = await fetch(url, { redirect: 'manual', headers });
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no redirect: ${response.status}`);
  return new URL(location);
}
