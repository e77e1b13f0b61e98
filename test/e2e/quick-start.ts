// A quick start is run as its reader would: the files that its page shows are written, its commands go to one
// shell, and what they print is what the page says they print. Only ports are others.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { findFreePorts } from '../support/free-port.ts';
import { onCleanUp, ROOT, temporaryFolder } from './rig.ts';

export type QuickStart = {
  readonly page: string;
  /** The heading of the first part that needs what is not here, such as a cluster. */
  readonly until?: string;
  /** Commands that need a network → what stands in for them; each has to be on the page. */
  readonly instead?: Readonly<Record<string, string>>;
};

/** What one block of commands is said to print, and what it did print. */
export type Step = { readonly says: string | undefined; readonly printed: string };

type Block = { readonly language: string; readonly text: string; readonly after: string };

const PORTS = ['3000', '4180', '8880', '8881', '9990', '9991'];
const MARK = '@@ end of a block';

const blocksOf = (text: string): readonly Block[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$([\s\S]*?)(?=^```|$(?![\s\S]))/gm)].map(
    ([, language = '', body = '', after = '']) => ({ language, text: body, after }),
  );

export async function runQuickStart(start: QuickStart): Promise<readonly Step[]> {
  const blocks = blocksOf(await localise(start));
  const commands = blocks.filter(({ text, language }) => language === 'sh' || isFile(text));
  const runnable = commands.filter(({ text }) => !text.includes('make build'));
  const shells = blocks.filter(
    ({ text, language }) => language === 'sh' && !text.includes('make build'),
  );
  const script = runnable.map(({ text }) =>
    isFile(text) ? writing(text) : `${text}echo '${MARK}'`,
  );
  const printed = (await run(script.join('\n'))).split(`${MARK}\n`);
  return shells.map((block, index) => ({
    says: saidOf(blocks, block),
    printed: printed[index] ?? 'nothing: the block was not reached',
  }));
}

const isFile = (text: string): boolean => /^(?:#|\/\/) \S+\.(?:yaml|mjs)\n/.test(text);

const writing = (text: string): string => {
  const [first = ''] = text.split('\n');
  return `cat > ${first.replace(/^\S+ /, '')} <<'END_OF_THE_FILE'\n${text}END_OF_THE_FILE`;
};

const saidOf = (blocks: readonly Block[], block: Block): string | undefined =>
  block.after.trim() === 'prints' ? blocks[blocks.indexOf(block) + 1]?.text : undefined;

async function localise({ page, until, instead = {} }: QuickStart): Promise<string> {
  const whole = readFileSync(path.join(ROOT, 'docs/quick-starts', `${page}.md`), 'utf8');
  const text = until === undefined ? whole : cut(whole, until);
  const ports = await findFreePorts(PORTS.length);
  const ported = PORTS.reduce(
    (current, port, index) =>
      current.replaceAll(new RegExp(`(?<=:|%3A| )${port}\\b`, 'g'), `${ports[index]}`),
    text,
  );
  return Object.entries(instead).reduce((current, [line, other]) => {
    if (!current.includes(line)) throw new Error(`${page}.md no longer says ${line}`);
    return current.replace(line, () => other);
  }, ported);
}

function cut(text: string, heading: string): string {
  const [head = '', tail] = text.split(heading);
  if (tail === undefined) throw new Error(`the page has no part ${heading}`);
  return head;
}

/** In a folder that looks like a checkout that was built; everything it starts ends with it. */
async function run(script: string): Promise<string> {
  const home = temporaryFolder();
  symlinkSync(path.join(ROOT, 'dist'), path.join(home, 'dist'));
  const bin = path.join(ROOT, '.cache/bin');
  const shell = spawn('sh', ['-e', '-c', script], {
    cwd: home,
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what a block left running can be found.
    detached: true,
  });
  onCleanUp(() => endGroup(shell.pid));
  let printed = '';
  let complaints = '';
  shell.stdout.on('data', (text: Buffer) => {
    printed += text.toString();
  });
  shell.stderr.on('data', (text: Buffer) => {
    complaints += text.toString();
  });
  const [code] = await once(shell, 'exit');
  if (code !== 0) throw new Error(`the commands ended with ${code}: ${complaints}\n${printed}`);
  return printed;
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
