// Which options a changed file changes while Asteroid runs, and which wait for a restart, and why. A new
// option belongs in here: a test walks the schema.

import type { Config } from './config.ts';

/**
 * Section → what of it counts from the next request on: options, without the section. One that holds others
 * stands for them all, where they are opened as one.
 */
const AT_ONCE: { readonly [Section in keyof Config]?: string } = {
  endpoints: 'browser_base backchannel_base mtls_base',
  listen:
    'public.tls.cert_file public.tls.key_file browser.tls.cert_file browser.tls.key_file ' +
    'mtls.tls.cert_file mtls.tls.key_file mtls.tls.client_ca_file ' +
    'admin.tls.cert_file admin.tls.key_file health.tls.cert_file health.tls.key_file',
  admin:
    'tokens certificates.ca_file certificates.names access_tokens.audience access_tokens.clients ' +
    'access_tokens.read_scope access_tokens.write_scope hosts console.enabled console.session',
  upstream:
    'preset trust.peers trust.allow_wide trust.secret.header trust.secret.files trust.unix_socket ' +
    'trust.mtls.ca_file trust.mtls.dns_sans trust.mtls.uri_sans headers assertion ' +
    'login_url logout_url reauthenticate_url subject.namespace subject.transform subject.deny',
  mtls:
    'proxy.header proxy.format proxy.trust.peers proxy.trust.allow_wide proxy.trust.secret.header ' +
    'proxy.trust.secret.files proxy.trust.unix_socket proxy.verified_by_proxy proxy.client_ca_file',
  clients: 'file',
  kubernetes: '',
  spiffe: '',
  registration:
    'initial_access_tokens open software_statements redirect_uris.hosts redirect_uris.allow_loopback ' +
    'redirect_uris.allow_private_use_schemes grant_types scope token_endpoint_auth_methods consent ' +
    'client_lifetime',
  token_issuers: '',
  scopes: '',
  authorization_details_types: '',
  pages: 'name logo logo_file accent.light accent.dark links default_language template_file',
  userinfo: 'backends',
  token_hook: 'url secret_file timeout on_failure',
  keys: 'secret_file further_secret_files publish_ahead',
  lifetimes:
    'authorization_code device_code access_token id_token refresh_token refresh_token_max ' +
    'session_refresh_token refresh_token_grace pushed_request session',
  policy:
    'profile require_state require_pushed_authorization_requests require_signed_request_object ' +
    'metadata_max_age acr_values_supported allow_http_issuer revoke_offline_access_on_sign_out ' +
    'service_documentation',
  check: 'enabled original',
  dpop: 'nonce proof_lifetime',
  outbound: 'allow_private',
  limits: 'requests queue connections',
  shutdown: 'grace delay',
  metrics: 'clients',
  rate_limits: 'rules store max_keys proxies.peers proxies.header',
  audit: 'sinks remember',
  log: 'level',
};

const SOCKETS = 'who connects would be turned away while the address changes hands';
const PLACE = 'what is remembered in one place is not in another';
const ROOM = 'the store is opened once';

/** What waits → why; options as in `AT_ONCE`. */
const AT_RESTART: readonly (readonly [section: keyof Config, options: string, why: string])[] = [
  ['issuer', '', 'every token and every client names it'],
  [
    'listen',
    'public.host public.port public.socket public.mode public.group ' +
      'browser.host browser.port browser.socket browser.mode browser.group mtls.host mtls.port ' +
      'admin.host admin.port admin.socket admin.mode admin.group ' +
      'health.host health.port health.socket health.mode health.group',
    SOCKETS,
  ],
  ['store', 'driver redis.url redis.url_file redis.cluster.nodes', PLACE],
  [
    'store',
    'redis.sentinel.name redis.sentinel.nodes redis.sentinel.tls redis.tls.servername',
    PLACE,
  ],
  ['store', 'memory.max_entries memory.max_pending memory.max_clients', ROOM],
  [
    'store',
    'redis.deadline redis.durability redis.acknowledged_by redis.max_pending redis.max_clients',
    ROOM,
  ],
  [
    'store',
    'redis.username redis.password_file redis.sentinel.username redis.sentinel.password_file ' +
      'redis.tls.ca_file redis.tls.cert_file redis.tls.key_file',
    'connections to Redis are begun, and begun again, with what the start read',
  ],
  ['keys', 'rotate_every', 'when the next key is due is decided by one length'],
  ['keys', 'source dir', 'keys of another place are unknown to everybody who verifies by these'],
  ['workers', '', 'processes are started once'],
  ['metrics', 'enabled', 'a number that begins in the middle is none'],
  ['tracing', '', 'OpenTelemetry is set up once'],
  ['log', 'format', 'whoever reads the output reads one format'],
];

/** A file that changes it is refused as a whole. */
const REFUSED: readonly (readonly [section: keyof Config, options: string, why: string])[] = [
  ['pairwise', 'salt_file', 'every pairwise sub would be another one'],
];

export type ReloadRule = {
  /** As in the file; stands for everything that it holds. */
  readonly option: string;
  readonly when: 'at once' | 'restart' | 'refused';
  /** Undefined for what needs no reason. */
  readonly why: string | undefined;
};

const spell = (section: string, options: string): readonly string[] =>
  options.split(' ').map((option) => (option === '' ? section : `${section}.${option}`));

/** Every option, once. */
export const RELOAD_RULES: readonly ReloadRule[] = [
  ...Object.entries(AT_ONCE).flatMap(([section, options]) =>
    spell(section, options).map((option) => ({ option, when: 'at once', why: undefined }) as const),
  ),
  ...AT_RESTART.flatMap(([section, options, why]) =>
    spell(section, options).map((option) => ({ option, when: 'restart', why }) as const),
  ),
  ...REFUSED.flatMap(([section, options, why]) =>
    spell(section, options).map((option) => ({ option, when: 'refused', why }) as const),
  ),
];
