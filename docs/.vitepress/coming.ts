// What pages lead to and another branch brings. Each entry counts only while the thing itself is not there,
// so that all of this means nothing once everything is in one place.

/** Pages, as in pages.ts. */
export const COMING_PAGES: readonly string[] = [
  'admin',
  'admin-people',
  'audit',
  'compose',
  'console',
  'kubernetes',
  'monitoring',
  'rate-limits',
  'systemd',
];

/** Files and folders below the root. */
export const COMING_PATHS: readonly string[] = [
  'deploy/compose',
  'deploy/grafana',
  'deploy/helm/asteroid',
  'deploy/kubernetes',
  'deploy/prometheus',
  'internal/ratelimit',
];

/** Words for make. */
export const COMING_TARGETS: readonly string[] = ['deploy-test'];

/** Options of a subcommand that is there. */
export const COMING_FLAGS: readonly string[] = ['hash --generate'];
