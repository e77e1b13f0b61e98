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

/** Alerts, metrics and lines of the log. */
export const COMING_SIGNS: readonly string[] = [
  'AsteroidConfigurationOutdated',
  'AsteroidErrors',
  'AsteroidKeysFail',
  'AsteroidLogoutUndelivered',
  'AsteroidNotReady',
  'AsteroidOverloaded',
  'AsteroidReplay',
  'AsteroidRotationOverdue',
  'AsteroidSlow',
  'AsteroidSpoofing',
  'AsteroidStoreErrors',
  'AsteroidTracesLost',
  'AsteroidUserinfoErrors',
  'asteroid_build_info',
  'asteroid_http_requests_total',
  'asteroid_key_failures_total',
  'asteroid_outbound_request_duration_seconds',
  'asteroid_store_operation_duration_seconds',
  'asteroid_userinfo_request_duration_seconds',
  'audit_sink.failed',
  'audit_sink.losing',
  'audit_sink.recovered',
];
