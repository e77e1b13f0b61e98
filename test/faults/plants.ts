// Bugs that stores really have had, each a change of one place of the source. A place that is not as it
// is written here fails the suite: a bug that is not planted is not found either.

import type { Plant } from './bundle.ts';

const SPENDS = 'internal/store/redis/spends.ts';

/** The code is looked up, and only then spent, by what was read before. */
export const LOOK_THEN_SPEND: readonly Plant[] = [
  {
    file: SPENDS,
    from: 'return run(redis, REDEEM, keysOf(id), args, UNKNOWN);',
    to: `return redis.get(names.authorization(id)).then(async (seen) => {
          await redis.get(names.authorization(id));
          if (seen?.startsWith('1g')) await redis.set(names.authorization(id), seen, 'PX', 600_000);
          return run(redis, REDEEM, keysOf(id), args, UNKNOWN);
        });`,
  },
];

/** After a reset the same code is spent once more, as if nobody had tried before. */
export const BLIND_RESEND: readonly Plant[] = [
  {
    file: SPENDS,
    from: '...spent, presented, challenge]',
    to: '...spent.with(3, crypto.randomUUID()), presented, challenge]',
  },
];

/** "Revoked", said before Redis said so. */
export const EARLY_ANSWER: readonly Plant[] = [
  {
    file: 'internal/store/redis/redis.ts',
    from: "await ask.untilAnswered('revoke', ",
    to: "void ask.untilAnswered('revoke', ",
  },
];

/** A store that does not answer is taken for one that knows nothing. */
export const OUTAGE_AS_REFUSAL: readonly Plant[] = [
  {
    file: 'internal/oidc/grants/authorization-code.ts',
    from: '    refresh,\n  });\n  switch (redeemed.kind) {',
    to: "    refresh,\n  }).catch(() => ({ kind: 'unknown' as const }));\n  switch (redeemed.kind) {",
  },
];
