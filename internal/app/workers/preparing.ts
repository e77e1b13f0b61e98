// Configurations that the primary asks a worker to open, until it says what becomes of them.

import type { Prepared } from '../succession.ts';
import type { FromWorker } from './messages.ts';

export type Preparing = {
  /** Answers the primary whether it can come into force. */
  begin(id: number, opening: Promise<Prepared>): void;
  end(id: number, how: keyof Prepared): void;
};

export function createPreparing(post: (message: FromWorker) => void): Preparing {
  const opened = new Map<number, Promise<Prepared | undefined>>();
  return {
    begin(id, opening) {
      opened.set(
        id,
        opening.then(
          (prepared) => {
            post({ kind: 'prepared', id, problem: undefined });
            return prepared;
          },
          (error: unknown) => {
            opened.delete(id);
            const problem = error instanceof Error ? error.message : String(error);
            post({ kind: 'prepared', id, problem });
            return undefined;
          },
        ),
      );
    },
    end(id, how) {
      void opened.get(id)?.then((prepared) => prepared?.[how]());
      opened.delete(id);
    },
  };
}
