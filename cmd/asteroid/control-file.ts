// Where a test runner reads how to ask a test issuer that it started: a file that only its user may read,
// that is complete as soon as it is there, and gone when the issuer is.

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { BASE } from '../../internal/testissuer/control/base.ts';

export type ControlAccess = {
  /** Below it are all paths of the control API. */
  readonly url: string;
  readonly token: string;
  /** The issuer identifier of the root. */
  readonly issuer: string;
};

/** What only an operator can put right. */
class ControlFileError extends Error {
  constructor(file: string, problem: string) {
    super(`--control-file ${file}: ${problem}`);
    this.name = 'ControlFileError';
  }
}

/**
 * Removes what an issuer left that was killed: whoever waits for the file would ask that one.
 * Throws where something else is there: a word too few on a command line must not cost anybody a file.
 */
export function clearControlFile(file: string): void {
  if (!existsSync(file)) return;
  if (readToken(file) === undefined) {
    throw new ControlFileError(file, 'is there already and no control file; choose another name');
  }
  rmSync(file, { force: true });
}

/** In one step, in place of whatever the name leads to: nobody reads half of it, or through a link. */
export function writeControlFile(file: string, access: ControlAccess): void {
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, `${JSON.stringify(access)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    const problem = error instanceof Error ? error.message : String(error);
    throw new ControlFileError(file, `cannot be written: ${problem}`);
  }
}

/** Unless another issuer has written its own there in the meantime. */
export function removeControlFile(file: string, { token }: ControlAccess): void {
  if (readToken(file) === token) rmSync(file, { force: true });
}

/** Undefined for what is no control file, or cannot be read. */
function readToken(file: string): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content !== 'object' || content === null) return undefined;
    if (!('url' in content) || !('issuer' in content) || !('token' in content)) return undefined;
    // Others write down where their tokens are good for under the same names.
    const isOurs = typeof content.url === 'string' && content.url.endsWith(BASE);
    return isOurs && typeof content.token === 'string' ? content.token : undefined;
  } catch {
    return undefined;
  }
}
