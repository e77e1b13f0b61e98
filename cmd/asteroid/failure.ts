import { AssemblyError } from '../../internal/app/upstream-options.ts';
import { KeyConfigError } from '../../internal/keys/key-config-error.ts';
import { ConfigError } from '../../internal/loader/problem.ts';

/** EX_CONFIG of sysexits.h: starting again will not help until somebody changes something. */
const CONFIGURATION = 78;

/** Prints what went wrong, one problem a line and without a stack, and answers the exit code. */
export function reportFailure(error: unknown): number {
  const wrong = error instanceof Error ? error.message : String(error);
  for (const line of wrong.split('\n')) console.error(line);
  const kinds = [ConfigError, AssemblyError, KeyConfigError];
  return kinds.some((kind) => error instanceof kind) ? CONFIGURATION : 1;
}
