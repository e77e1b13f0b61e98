import { isConfigurationError } from '../../internal/app/configuration-error.ts';

/** EX_CONFIG of sysexits.h: starting again will not help until somebody changes something. */
const CONFIGURATION = 78;

/** Prints what went wrong, one problem a line and without a stack, and answers the exit code. */
export function reportFailure(error: unknown): number {
  const wrong = error instanceof Error ? error.message : String(error);
  for (const line of wrong.split('\n')) console.error(line);
  return isConfigurationError(error) ? CONFIGURATION : 1;
}
