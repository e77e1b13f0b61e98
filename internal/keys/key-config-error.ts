/** What an operator has to put right before keys can be used; the program exits with 78. */
export class KeyConfigError extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'KeyConfigError';
  }
}

/** Undefined unless this is a failed system call; `EACCES` and the like, never a file's content. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The system call's error code where there is one; messages of our own name files only. */
export const reasonOf = (error: unknown): string =>
  errnoOf(error) ?? (error instanceof Error ? error.message : 'unknown');
