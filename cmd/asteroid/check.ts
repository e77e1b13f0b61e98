import { readSnapshot } from '../../internal/app/read.ts';
import { resolveUpstream } from '../../internal/app/upstream-options.ts';

/** 0 when `serve` would start with this; every problem is thrown at once. */
export async function check(files: readonly string[]): Promise<number> {
  const snapshot = await readSnapshot({ files, env: process.env, mode: 'serve' });
  const secrets = () => snapshot.upstreamSecrets;
  resolveUpstream(snapshot.config.upstream, { secrets, trustsLoopback: false });
  for (const warning of snapshot.warnings) console.error(`warning: ${warning}`);
  console.log(`${snapshot.clients.size} clients, issuer ${snapshot.config.issuer}: no problems`);
  return 0;
}
