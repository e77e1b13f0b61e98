// What the primary and its workers tell each other. Both are this program, in the same version, and the
// channel between them is theirs alone: what arrives is believed.

import type { AuditEvent } from '../../audit/events.ts';
import type { ListenerName } from '../listeners.ts';
import type { Question } from '../others.ts';
import type { PackedSnapshot } from './snapshot.ts';

/** All that a worker serves by: it reads no file of the configuration itself. */
export type WorkerStart = {
  readonly number: number;
  readonly snapshot: PackedSnapshot;
  readonly isOutdated: boolean;
  readonly identityKey: string;
  /** Of the primary: sockets were handed over to it. */
  readonly pid: number;
  /** That of the primary before it took one for its sockets. */
  readonly umask: number;
};

export type ToWorker =
  | { readonly kind: 'start'; readonly start: WorkerStart }
  /** To be opened, and answered for; nothing of it counts before it is taken. */
  | { readonly kind: 'prepare'; readonly id: number; readonly snapshot: PackedSnapshot }
  | { readonly kind: 'take' | 'discard'; readonly id: number }
  /** What the others have taken: who cannot has no place among them. */
  | { readonly kind: 'replace'; readonly snapshot: PackedSnapshot }
  /** On behalf of the primary, which has no trail of its own. */
  | { readonly kind: 'audit'; readonly event: AuditEvent }
  | { readonly kind: 'outdated'; readonly isOutdated: boolean }
  | { readonly kind: 'reload_keys' }
  | { readonly kind: 'reopen' }
  /** The second time, everything ends at once. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'answers'; readonly id: number; readonly answers: readonly unknown[] };

/** Where it listens, for people. */
export type Addresses = ReadonlyArray<readonly [ListenerName, string]>;

export type FromWorker =
  /** It listens to messages from here on. */
  | { readonly kind: 'here' }
  | { readonly kind: 'serving'; readonly addresses: Addresses }
  /** It ends: what an operator can put right, and whether that is the configuration. */
  | { readonly kind: 'failed'; readonly message: string; readonly isConfiguration: boolean }
  /** Whether a configuration can come into force here: what keeps it from that. */
  | { readonly kind: 'prepared'; readonly id: number; readonly problem: string | undefined }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown };
