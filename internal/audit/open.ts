// The audit trail that the configuration asks for.

import type { AuditLog } from './audit.ts';
import { createLogAudit } from './audit.ts';
import { createRing } from './ring.ts';
import { createStamp, type StampTerms } from './stamp.ts';
import type { AuditTrail } from './trail.ts';

export type TrailTerms = StampTerms & {
  readonly log: AuditLog;
  /** How many records are kept for questions. */
  readonly remembered: number;
};

/** Opens what the configuration names, and nothing else. */
export async function openAuditTrail(terms: TrailTerms): Promise<AuditTrail> {
  const stamp = createStamp(terms);
  const ring = createRing(terms.remembered);
  const toLog = createLogAudit(terms.log);
  return {
    audit: (event) => {
      ring.add(stamp(event));
      toLog(event);
    },
    query: async (query) => ring.query(query),
    reopen: () => undefined,
    flush: async () => undefined,
    close: async () => undefined,
  };
}
