// The last hour of this process, kept while the configuration has a console: nothing of it is loaded or runs
// where there is none.

import type { Clock } from '../protocol/time.ts';
import type { Log } from '../telemetry/log.ts';
import type { Numbers } from '../telemetry/numbers.ts';
import type { Samples, Step } from '../telemetry/samples.ts';

export type Sampling = {
  /** Told whenever another configuration comes into force. */
  readonly adjust: () => void;
  /** Of this process alone. */
  readonly read: () => readonly Step[];
  readonly close: () => void;
};

export type SamplingTerms = {
  /** Undefined where nothing is counted. */
  readonly numbers: Numbers | undefined;
  readonly isOn: () => boolean;
  readonly now: Clock;
  readonly log: Log;
};

/** Some steps of ten seconds would be missed by a timer that is late. */
const EVERY_MS = 5000;

export function createSampling({ numbers, isOn, now, log }: SamplingTerms): Sampling {
  let samples: Samples | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isLoading = false;
  const close = (): void => {
    clearInterval(timer);
    timer = undefined;
    samples = undefined;
  };
  const begin = async (of: Numbers): Promise<void> => {
    const { createSamples } = await import('../telemetry/samples.ts');
    isLoading = false;
    if (!isOn() || samples !== undefined) return;
    const begun = createSamples(of, now);
    samples = begun;
    timer = setInterval(() => begun.take(), EVERY_MS).unref();
  };
  return {
    adjust() {
      if (!isOn()) return close();
      if (numbers === undefined || samples !== undefined || isLoading) return;
      isLoading = true;
      // Whoever looks at the console sees none, and nobody else has to do with it.
      begin(numbers).catch((error: unknown) => {
        isLoading = false;
        log.error(
          { error: error instanceof Error ? error : undefined },
          'the console has no plots',
        );
      });
    },
    read: () => {
      // What came since the last step is not waited for by whoever looks.
      samples?.take();
      return samples?.read() ?? [];
    },
    close,
  };
}
