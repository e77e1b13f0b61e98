import type { Config } from '../config.ts';
import { type Check, problem, type Remark } from './remark.ts';

/** By `iss` alone it is told whose token one is: two of the same name would be confused, and so would we. */
export const tokenIssuerCheck: Check = {
  reads: ['token_issuers', 'issuer'],
  find: ({ issuer: own, token_issuers: issuers }: Config): readonly Remark[] => {
    const seen = new Map<string, string>();
    return Object.entries(issuers).flatMap(([name, { issuer }]) => {
      const twin = seen.get(issuer);
      seen.set(issuer, name);
      const at = ['token_issuers', name, 'issuer'];
      if (issuer === own) return [problem(at, 'is this issuer; its own tokens are named by self')];
      return twin === undefined ? [] : [problem(at, `is that of ${twin} too; remove one`)];
    });
  },
};
