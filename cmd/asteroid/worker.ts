import { runWorker } from '../../internal/app/workers/worker.ts';

/** Ends by itself once it was told to. */
export function worker(): void {
  runWorker(process.env);
}
