import { runHere, untilStopped } from '../../internal/app/process.ts';
import { readSnapshot } from '../../internal/app/read.ts';

/** Serves until a signal; throws what an operator can put right. */
export async function serve(configFiles: readonly string[]): Promise<number> {
  const { env } = process;
  const read = () => readSnapshot({ files: configFiles, env, mode: 'serve' });
  await untilStopped(runHere({ mode: 'serve', read, env }));
  return 0;
}
