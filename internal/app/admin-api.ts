// What the operator's listener needs for the Admin API, before anybody asks for it: the rest is loaded with
// the first request, where the configuration of the moment has `admin`.

import type { AdminApi, ApiTerms } from '../http/admin/api.ts';
import type { Readiness } from '../http/admin.ts';
import type { Surroundings } from './assemble.ts';
import { queryTogether } from './audit-together.ts';
import type { InForce } from './in-force.ts';
import type { Lasting } from './lasting.ts';
import { readyTogether } from './others.ts';

export type AdminApiDeps = {
  readonly current: () => InForce;
  readonly lasting: Lasting;
  readonly isOutdated: () => boolean;
  readonly isReady: () => Promise<readonly Readiness[]>;
  readonly terms: Surroundings;
};

export function createAdminApi(deps: AdminApiDeps): ApiTerms {
  const { current, lasting, isOutdated, isReady, terms } = deps;
  const { audit, calls, keys, trail } = lasting;
  const { others, now, random } = terms;
  const startedAt = now();
  let opened: Promise<AdminApi> | undefined;
  const config = () => current().snapshot.config;
  return {
    isOn: () => config().admin !== undefined,
    hosts: () => config().admin?.hosts ?? [],
    ...{ audit, calls, random },
    open: () => {
      opened ??= open();
      return opened;
    },
  };
  async function open(): Promise<AdminApi> {
    const [{ openAdminApi }, { VERSION }] = await Promise.all([
      import('./admin/api.ts'),
      import('./version.ts'),
    ]);
    return openAdminApi({
      ...{ current, audit, isOutdated, others, keeper: keys.keeper },
      trail: { query: (query) => queryTogether(query, trail, others) },
      reload: terms.reload ?? (async () => void (await others?.ask({ kind: 'reload' }))),
      reloadOtherKeys: async () => others?.ask({ kind: 'reload_keys' }),
      async status() {
        const { dependencies, processes } = await readyTogether(isReady, others);
        return {
          issuer: config().issuer,
          version: VERSION,
          node: process.versions.node,
          ready: dependencies.every(({ ready }) => ready),
          dependencies,
          workers: processes,
          ...{ startedAt, now: now() },
        };
      },
    });
  }
}
