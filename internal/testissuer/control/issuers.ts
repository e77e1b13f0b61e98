// The issuers of one process by the names that callers have for them: the root, and those that were made
// of it for one test each.

import { AdminRefusal } from '../../admin/refusal.ts';
import type { RootIssuer, TestIssuer, TestIssuerOptions } from '../api.ts';
import { createFaultBook, type FaultBook } from './fault-book.ts';
import { createFlowLog, type FlowLog } from './flow-log.ts';

export type Managed = {
  readonly id: string;
  readonly issuer: TestIssuer;
  readonly faults: FaultBook;
  readonly flows: FlowLog;
};

export type Issuers = {
  /** The root first. */
  list(): readonly Managed[];
  /** Throws `AdminRefusal` for a name that nobody has. */
  find(id: string): Managed;
  open(options: Omit<TestIssuerOptions, 'port'>): Promise<Managed>;
  /** Also while another is asked to: an issuer ends once. */
  close(id: string): Promise<void>;
};

/** The name of the issuer that the program was started with. */
const ROOT = 'root';

/** Each takes about a megabyte: what tests forget to end must not end the process. */
const MOST_ISSUERS = 1000;

export function createIssuers(root: RootIssuer, most = MOST_ISSUERS): Issuers {
  const manage = (id: string, issuer: TestIssuer): Managed => ({
    id,
    issuer,
    faults: createFaultBook(issuer.faults),
    flows: createFlowLog(issuer),
  });
  const managed = new Map([[ROOT, manage(ROOT, root)]]);
  /** Asked for, and not there yet: many may ask at once. */
  let opening = 0;
  const find = (id: string): Managed => {
    const found = managed.get(id);
    if (found !== undefined) return found;
    throw new AdminRefusal('not_found', 'there is no such issuer; GET /issuers lists those here');
  };
  return {
    list: () => [...managed.values()],
    find,
    async open(options) {
      if (managed.size + opening >= most) {
        const description = `there are ${most} issuers already; DELETE those whose test is over`;
        throw new AdminRefusal('conflict', description);
      }
      opening += 1;
      try {
        const issuer = await root.test(options);
        const opened = manage(nameOf(issuer), issuer);
        managed.set(opened.id, opened);
        return opened;
      } finally {
        opening -= 1;
      }
    },
    async close(id) {
      const { issuer } = find(id);
      if (id === ROOT) {
        const description = 'the root issuer ends with the program; stop asteroid dev instead';
        throw new AdminRefusal('conflict', description);
      }
      managed.delete(id);
      await issuer.stop();
    },
  };
}

/** The last segment of its identifier, which no other issuer of this process has. */
const nameOf = ({ url }: TestIssuer): string =>
  new URL(url).pathname.split('/').findLast((segment) => segment !== '') ?? url;
