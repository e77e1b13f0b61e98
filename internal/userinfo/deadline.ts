import { SourceError } from './source-error.ts';

/**
 * Rejects after `seconds` even if the work ignores its signal, as reading a secret from a file system
 * that hangs does. Afterwards the signal is always aborted, which ends what is still under way.
 */
export async function withDeadline<Value>(
  seconds: number,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    const late = () => reject(new SourceError('timeout', `no answer in ${seconds} s`));
    timer = setTimeout(late, seconds * 1000);
  });
  try {
    return await Promise.race([work(controller.signal), deadline]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
