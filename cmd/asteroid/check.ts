import { existsSync } from 'node:fs';
import { readSnapshot } from '../../internal/app/read.ts';
import { resolveUpstream } from '../../internal/app/upstream-options.ts';
import { readKeyDirectory } from '../../internal/keys/file/directory.ts';

/** 0 when `serve` would start with this; every problem is thrown at once. */
export async function check(files: readonly string[]): Promise<number> {
  const snapshot = await readSnapshot({ files, env: process.env, mode: 'serve' });
  const secrets = () => snapshot.upstreamSecrets;
  const assertionKeys = () => snapshot.assertionKeys ?? '';
  await checkKeys(snapshot.config.keys);
  resolveUpstream(snapshot.config.upstream, { secrets, assertionKeys, trustsLoopback: false });
  for (const warning of snapshot.warnings) console.error(`warning: ${warning}`);
  for (const consequence of snapshot.clientSet.consequences) console.log(consequence);
  console.log(`${snapshot.clients.size} clients, issuer ${snapshot.config.issuer}: no problems`);
  return 0;
}

/** A directory that is not there yet is made and filled by `serve`. */
async function checkKeys({ source, dir }: { readonly source: string; readonly dir: string }) {
  if (source !== 'file' || !existsSync(dir)) return;
  await readKeyDirectory(dir, (event) => {
    if (event.type === 'key.exposed') console.error(`warning: ${event.file} is open to others`);
  });
}
