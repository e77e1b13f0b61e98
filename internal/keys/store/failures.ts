// An outage is told once, however often it is tried again; and so is its end, where nothing signed.

import type { ReportKeyEvent } from '../events.ts';
import { reasonOf } from '../key-config-error.ts';

type Failure = 'keys.not_loaded' | 'keys.reload_failed' | 'keys.rotation_failed';

export type Failures = {
  report(type: Failure, error: unknown): void;
  /** Keys can be loaded. */
  loaded(): void;
  /** A rotation went well: until then it is known that it does not. */
  rotated(): void;
};

export function createFailures(report: ReportKeyEvent): Failures {
  const told = new Map<Failure, string>();
  return {
    report(type, error) {
      const reason = reasonOf(error);
      if (told.get(type) === reason) return;
      told.set(type, reason);
      report({ type, error: error instanceof Error ? error : new Error(reason) });
    },
    loaded() {
      told.delete('keys.reload_failed');
      if (told.delete('keys.not_loaded')) report({ type: 'keys.loaded' });
    },
    rotated: () => void told.delete('keys.rotation_failed'),
  };
}
