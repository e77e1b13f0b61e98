// A reload of which one part counts at once and another from a restart on: what the two come to together is
// judged like any configuration.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { type Metadata, type Program, startProgram } from '../support/program.ts';
import { attempt, honest, SIGNED_IN } from './threats.fixture.ts';

const SERVERS = createAuthority('servers');
const PROXIES = createAuthority('proxies');
const server = SERVERS.issue({ dns: ['sso.example'] });
const FILES = { cert: server.cert, key: server.key, proxies: PROXIES.cert };
const TLS = { cert_file: 'cert', key_file: 'key' };
const listening = (tls?: Metadata): Metadata => ({
  listen: { public: { port: 0, ...(tls === undefined ? {} : { tls }) }, admin: { port: 0 } },
});
const BY_CERTIFICATE: Metadata = {
  upstream: { trust: { mtls: { ca_file: 'proxies', dns_sans: ['proxy.example'] } } },
};

async function reloadWith({ folder, reload }: Program, sections: Metadata): Promise<void> {
  const before = JSON.parse(await readFile(folder.configFile, 'utf8'));
  await folder.write('asteroid.yaml', JSON.stringify({ ...before, ...sections }));
  await reload();
}

const last = (program: Program, message: string) =>
  program.logged().findLast(({ msg }) => msg === message);

describe('a reload that half waits for a restart', () => {
  it('is refused where the other half would let nobody in until then, and says so', async () => {
    const program = await startProgram({ config: listening(), files: FILES });

    await reloadWith(program, { ...listening(TLS), ...BY_CERTIFICATE });

    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    expect(last(program, 'reloaded')).toBeUndefined();
    const problems = JSON.stringify(last(program, 'reload failed: everything stays as it was'));
    expect(problems).toContain('upstream.trust.mtls: needs TLS on that listener');
    expect(problems).toContain('restart');
    expect(problems).toContain('listen.public.tls.cert_file');
  });

  it('is taken where both halves go together', async () => {
    const program = await startProgram({ config: listening(), files: FILES });

    await reloadWith(program, { ...listening(TLS), pages: { name: 'Another' } });

    expect(last(program, 'reloaded')).toMatchObject({
      restart_needed: ['listen.public.tls.cert_file', 'listen.public.tls.key_file'],
    });
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });

  it('is taken where what it needs was there at the start', async () => {
    const program = await startProgram({ config: listening(TLS), files: FILES });

    await reloadWith(program, BY_CERTIFICATE);

    expect(last(program, 'reloaded')).toMatchObject({ restart_needed: [] });
  });
});
