// The Admin API over one issuer: every port of its operations, and who may ask. Loaded with the first
// request for it, where the configuration has `admin`.

import { type ApiRoute, createApi } from '../../admin/api/api.ts';
import type { ConfigurationReader } from '../../admin/api/ports/configuration.ts';
import type { StatusReader } from '../../admin/api/ports/status.ts';
import type { Recognise } from '../../admin/caller.ts';
import type { Audit } from '../../audit/events.ts';
import type { AuditTrail } from '../../audit/trail.ts';
import type { Config } from '../../config/config.ts';
import { redactConfig } from '../../config/redact.ts';
import type { KeyKeeper } from '../../keys/keeper.ts';
import type { InForce } from '../in-force.ts';
import type { Others } from '../others.ts';
import { createPeople } from '../people.ts';
import { createRecognise } from './callers.ts';
import { createClientDirectory } from './clients.ts';
import { createKeyDirectory } from './keys.ts';

export type AdminApiTerms = {
  /** That of the moment. */
  readonly current: () => Pick<InForce, 'snapshot' | 'deps' | 'backends'>;
  readonly keeper: KeyKeeper;
  readonly trail: Pick<AuditTrail, 'query'>;
  readonly audit: Audit;
  readonly status: StatusReader;
  readonly isOutdated: () => boolean;
  readonly reload: ConfigurationReader['reload'];
  readonly reloadOtherKeys: () => Promise<unknown>;
  readonly others: Others | undefined;
};

export type OpenedAdminApi = {
  readonly routes: readonly ApiRoute[];
  readonly recognise: Recognise;
};

type BackendConfig = Config['userinfo']['backends'][number];

const isStore = (backend: BackendConfig): backend is Extract<BackendConfig, { type: 'store' }> =>
  backend.type === 'store';

export function openAdminApi(terms: AdminApiTerms): OpenedAdminApi {
  const { current, keeper, trail, audit, status, isOutdated, reload } = terms;
  const config = () => current().snapshot.config;
  const deps = () => current().deps;
  const people = createPeople({
    ...{ deps, others: terms.others },
    backends: () => current().backends,
    maxUsers: () => config().userinfo.backends.find(isStore)?.max_users,
  });
  const routes = createApi({
    ...{ status, trail, audit, ...people },
    clients: createClientDirectory({ deps, snapshot: () => current().snapshot }),
    keys: createKeyDirectory({ config, keeper, tellOthers: terms.reloadOtherKeys }),
    configuration: {
      read: () => ({
        configuration: redactConfig(config()),
        files: current().snapshot.files,
        outdated: isOutdated(),
      }),
      reload,
    },
  });
  return { routes, recognise: createRecognise(() => config().admin, deps) };
}
