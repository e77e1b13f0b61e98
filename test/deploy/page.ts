// Commands of a page, run as they are printed in a copy of deploy/: a page that forgets a file is found out
// here, and not by its reader.

import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../e2e/rig.ts';
import { inProject, succeed } from './programs.ts';

/** The one block of commands on the page that has this line. */
function blockWith(page: string, line: string): string {
  const text = readFileSync(inProject(`docs/${page}`), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body);
  const found = blocks.filter((body) => body.split('\n').includes(line));
  if (found.length !== 1) throw new Error(`${found.length} blocks of ${page} have ${line}`);
  return found[0] ?? '';
}

/**
 * Runs the commands up to `line`, which needs what is not here, and answers the folder they ended in.
 * What the reader fills in comes from the environment, and an editor changes nothing.
 */
export function followPage(page: string, line: string): string {
  const home = temporaryFolder();
  cpSync(inProject('deploy'), path.join(home, 'deploy'), { recursive: true });
  const [before = ''] = blockWith(page, line).split(line);
  const env = { EDITOR: 'true', CLIENT_SECRET: 'a secret of the proxy', IMAGE: 'none' };
  const commands = before.replaceAll(/^.*\bmake image$/gm, '');
  return (
    succeed('sh', ['-e', '-c', `${commands}\npwd`], { cwd: home, env })
      .trim()
      .split('\n')
      .at(-1) ?? ''
  );
}
