// Starts the program once, with either store, so that Node (22.8 and later) keeps what it compiled: an
// image that comes with it starts faster. Run as the user that will run it, whom Node asks for.

import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const [, , program] = process.argv;
const folder = await mkdtemp(path.join(tmpdir(), 'bake-'));
const at = (name) => path.join(folder, name);

const STORES = {
  memory: { driver: 'memory' },
  // Nobody answers there: the program starts nevertheless, and is not ready.
  redis: { driver: 'redis', redis: { url: 'redis://127.0.0.1:1' } },
};

await writeFile(at('clients.yaml'), '{ clients: [] }');
await mkdir(at('keys'), { mode: 0o700 });
for (const [name, store] of Object.entries(STORES)) {
  const config = {
    listen: { public: { port: 0 }, admin: { port: 0 } },
    upstream: { trust: { peers: ['192.0.2.1/32'] } },
    clients: { file: 'clients.yaml' },
    userinfo: { backends: [{ type: 'headers' }] },
    keys: { source: 'file', dir: 'keys' },
    store,
  };
  await writeFile(at('asteroid.yaml'), JSON.stringify(config));
  await startOnce(name);
}
const compiled = path.join(path.dirname(program), '.compiled');
await mkdir(compiled, { recursive: true }); // an older Node keeps nothing
await openToAll(compiled);

async function startOnce(name) {
  const args = [program, 'serve', '--config', at('asteroid.yaml')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  let isAsked = false;
  const over = new Promise((resolve) => child.once('close', resolve));
  child.stdout.on('data', (bytes) => {
    log += bytes;
    // Once: asked again, it would end without keeping anything.
    if (isAsked || !log.includes('"listener":"admin"')) return;
    isAsked = true;
    child.kill('SIGTERM');
  });
  const code = await over;
  if (code !== 0) throw new Error(`no start with ${name}: ${log}`);
}

/** Whoever runs the image may read it, and nobody may write it once root owns it. */
async function openToAll(directory) {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) await openToAll(name);
    else await chmod(name, 0o644);
  }
}
