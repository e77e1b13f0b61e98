// Turns argv into one subcommand and its result into an exit code: 0 fine, 1 at run time, 2 usage, 78
// configuration (sysexits.h). Everything is loaded from here on, so that its compiled form can be kept.

import { keepCompiled } from './compile-cache.ts';

keepCompiled(import.meta.url);
const [, , command, ...words] = process.argv;
try {
  const files = command === 'serve' ? readFiles(words) : undefined;
  if (files !== undefined) {
    const { serve } = await import('./serve.ts');
    process.exitCode = await serve(files);
  } else if (command === 'worker') {
    const { worker } = await import('./worker.ts');
    worker();
  } else {
    const { readWords } = await import('./command-line.ts');
    await readWords();
  }
} catch (error) {
  const { reportFailure } = await import('./failure.ts');
  process.exitCode = reportFailure(error);
}

/**
 * The words that units and images start a server with, for which nobody needs a parser that explains
 * mistakes to people: `--config FILE`, once or more often. Undefined for any others.
 */
function readFiles(given: readonly string[]): readonly string[] | undefined {
  const files = given.filter((_, index) => index % 2 === 1);
  const isPlain = files.every((file, n) => given[2 * n] === '--config' && !file.startsWith('-'));
  return isPlain && files.length > 0 && given.length === 2 * files.length ? files : undefined;
}
