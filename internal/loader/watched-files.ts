// Which files a configuration consists of: a change of any of them is read without a signal.

import type { Config } from '../config/config.ts';
import { listAuditFiles } from './audit-files.ts';
import { listListenerFiles } from './listener-files.ts';
import { listPageFiles } from './page-files.ts';
import { listRegistrationFiles } from './registration-files.ts';
import { listWorkloadFiles } from './workload-files.ts';

/** Those that asteroid.yaml names and that a reload reads; what only a restart reads is not among them. */
export const listNamedFiles = (config: Config): readonly string[] => {
  const { keys, pairwise, mtls, token_hook: hook, token_issuers: issuers } = config;
  const { trust, assertion } = config.upstream;
  return [
    config.clients.file,
    ...(trust.secret?.files ?? []),
    ...(mtls?.proxy?.trust.secret?.files ?? []),
    ...(assertion?.jwks_file === undefined ? [] : [assertion.jwks_file]),
    ...Object.values(issuers).flatMap(({ jwks_file: file }) => (file === undefined ? [] : [file])),
    ...listListenerFiles(config).map(({ file }) => file),
    ...listRegistrationFiles(config),
    ...listPageFiles(config),
    ...listAuditFiles(config),
    ...(pairwise === undefined ? [] : [pairwise.salt_file]),
    ...(hook === undefined ? [] : [hook.secret_file]),
    ...(keys.secret_file === undefined ? [] : [keys.secret_file]),
    ...keys.further_secret_files,
    ...listWorkloadFiles(config).map(({ file }) => file),
  ];
};
