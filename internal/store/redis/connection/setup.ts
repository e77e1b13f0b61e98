// Whether a Redis is set up to keep what it is given. What it does not say is not complained about: managed
// servers hide some of it.

import type { Redis } from 'ioredis';

export type SetupCheck = {
  /** Warns of everything, also of what was warned of before: a connection may be one to another server. */
  check(): Promise<void>;
  /** Once a minute at most, without waiting, and only of what has changed. */
  checkNowAndThen(): void;
};

const INTERVAL_MS = 60_000;

/** A Redis that does not answer is no setup to be warned of. */
export function createSetupCheck(
  redis: Redis,
  warn: ((warning: string) => void) | undefined,
  intervalMs = INTERVAL_MS,
): SetupCheck {
  let known: ReadonlySet<string> = new Set();
  let checkedAt = performance.now();

  async function look(old: ReadonlySet<string>): Promise<void> {
    checkedAt = performance.now();
    if (warn === undefined) return;
    const info = await redis.info().catch(() => '');
    const warnings = findWarnings({
      policy: readField(info, 'maxmemory_policy') ?? (await askPolicy(redis)),
      role: readField(info, 'role'),
      replicas: readField(info, 'connected_slaves'),
      // Redis counts them only where it was told how many there have to be.
      goodReplicas: readField(info, 'min_slaves_good_slaves'),
    });
    for (const warning of warnings) if (!old.has(warning)) warn(warning);
    known = new Set(warnings);
  }
  return {
    check: () => look(new Set()),
    checkNowAndThen() {
      if (performance.now() - checkedAt >= intervalMs) void look(known).catch(() => {});
    },
  };
}

export type Setup = {
  readonly policy?: string | undefined;
  readonly role?: string | undefined;
  readonly replicas?: string | undefined;
  readonly goodReplicas?: string | undefined;
};

/** One sentence for each promise that this Redis cannot keep. */
export function findWarnings({ policy, role, replicas, goodReplicas }: Setup): readonly string[] {
  const warnings: string[] = [];
  if (policy !== undefined && policy !== 'noeviction') {
    const what = policy.startsWith('volatile-')
      ? 'forget replay marks, so that a used nonce, jti or code could be used again, and drop live tokens'
      : 'drop live tokens and forget replay marks';
    warnings.push(`Redis may ${what}: its maxmemory-policy is ${policy}, and has to be noeviction`);
  }
  if (role === 'master' && Number(replicas) > 0 && goodReplicas === undefined) {
    warnings.push(
      'a failover may lose what Redis acknowledged: its min-replicas-to-write is 0, so a primary that is cut off from its replicas goes on; set min-replicas-to-write 1 and min-replicas-max-lag 10',
    );
  }
  return warnings;
}

const readField = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];

async function askPolicy(redis: Redis): Promise<string | undefined> {
  const answer: unknown = await redis.config('GET', 'maxmemory-policy').catch(() => undefined);
  const policy: unknown = Array.isArray(answer) ? answer[1] : undefined;
  return typeof policy === 'string' ? policy : undefined;
}
