// Which line of a proxy's configuration closes a hole. One table for all who give advice, so that the
// doctor and the debug page never say different things.

export const PROXIES = ['nginx', 'apache', 'haproxy', 'caddy', 'traefik', 'envoy'] as const;
export type ProxyName = (typeof PROXIES)[number];

/** A way past a proxy. */
export type Hole =
  /** The client's own copy of an identity or secret header arrives. */
  | 'header'
  /** … under a name that folds to it. */
  | 'alias'
  /** A Connection header of the client names one of ours. */
  | 'connection'
  /** A Host that is not the issuer's arrives. */
  | 'host'
  /** A path near a browser-facing one arrives with an identity. */
  | 'path'
  /** A request inside of another one arrives. */
  | 'smuggling'
  /** What follows an Upgrade arrives unseen. */
  | 'upgrade'
  /** Somebody is named who never signed in. */
  | 'stranger';

/** What a line is about. */
export type Place = {
  /** As configured. */
  readonly header: string;
  /** The issuer's. */
  readonly host: string;
  /** A browser-facing path. */
  readonly path: string;
};

type Line = (place: Place) => string;

/** `X-User` → the name with another sign between its words. */
const spelled = (header: string, sign: string): string => header.replaceAll('-', sign);

const folded = (header: string): string => `^${spelled(header.toLowerCase(), '[^a-z0-9]')}$`;

const REMEDIES: { readonly [H in Hole]: { readonly [P in ProxyName]: Line } } = {
  header: {
    nginx: ({ header }) => `proxy_set_header ${header} ""; # in each location that does not set it`,
    apache: ({ header }) => `RequestHeader unset ${header} early`,
    haproxy: ({ header }) => `http-request del-header ${header}`,
    caddy: ({ header }) => `request_header -${header}`,
    traefik: ({ header }) => `headers: { customRequestHeaders: { ${header}: "" } }`,
    envoy: ({ header }) => `request_headers_to_remove: [${header.toLowerCase()}]`,
  },
  alias: {
    nginx: () => 'underscores_in_headers off; ignore_invalid_headers on;',
    apache: ({ header }) =>
      `RequestHeader unset ${spelled(header, '_')} early # and each other spelling`,
    haproxy: ({ header }) => `http-request del-header ${folded(header)} -m reg`,
    caddy: ({ header }) => `request_header -${spelled(header, '_')}`,
    traefik: () => 'entryPoints: { websecure: { http: { underscoreHeadersStrategy: reject } } }',
    envoy: () =>
      'common_http_protocol_options: { headers_with_underscores_action: REJECT_REQUEST }',
  },
  connection: {
    nginx: () => 'proxy_set_header Connection "";',
    // `unset` would forget `close` as well: Apache then holds connections that the client gave up.
    apache: () => 'RequestHeader edit Connection "(?i)^(?!close$).*$" "" early',
    haproxy: () => 'http-request del-header Connection',
    caddy: () => 'request_header -Connection',
    traefik: () => 'a release that is past GHSA-92mv-8f8w-wq52: no option does it',
    envoy: () => 'a release in support: Envoy removes Connection by itself',
  },
  host: {
    nginx: () => 'server { listen 443 ssl default_server; ssl_reject_handshake on; return 421; }',
    apache: () => 'a first <VirtualHost> of another ServerName, with: Require all denied',
    haproxy: ({ host }) => `http-request deny deny_status 421 unless { hdr(host) -i ${host} }`,
    caddy: ({ host }) => `@foreign not host ${host}\nrespond @foreign 421`,
    traefik: ({ host }) => `rule: Host(\`${host}\`)`,
    envoy: ({ host }) => `virtual_hosts: [{ domains: ["${host}"] }]`,
  },
  path: {
    nginx: ({ path }) => `location ~* ^${path} { return 404; } # beside location = ${path}`,
    apache: ({ path }) => `<LocationMatch "(?i)^${path}.+"> Require all denied </LocationMatch>`,
    haproxy: ({ path }) =>
      `http-request deny deny_status 404 if { path -i -m beg ${path} } !{ path -m str ${path} }`,
    caddy: ({ path }) =>
      `@near { path_regexp (?i)^${path} \n not path ${path} }\nrespond @near 404`,
    traefik: ({ path }) => `rule: Path(\`${path}\`)`,
    envoy: ({ path }) =>
      `match: { path: ${path} } # and path_with_escaped_slashes_action: REJECT_REQUEST`,
  },
  smuggling: {
    nginx: () => 'a release in support; proxy_request_buffering on;',
    apache: () => 'HttpProtocolOptions Strict',
    haproxy: () => 'no option accept-invalid-http-request',
    caddy: () => 'a release in support: no option does it',
    traefik: () => 'a release in support: no option does it',
    envoy: () => 'http_protocol_options: { allow_chunked_length: false }',
  },
  upgrade: {
    nginx: () => 'proxy_set_header Upgrade "";',
    apache: () => 'RequestHeader unset Upgrade early',
    haproxy: () => 'http-request del-header Upgrade',
    caddy: () => 'request_header -Upgrade',
    traefik: () => 'headers: { customRequestHeaders: { Upgrade: "" } }',
    envoy: () => 'no upgrade_configs for this route',
  },
  stranger: {
    nginx: ({ header, path }) =>
      `location = ${path} { auth_request /oauth2/auth; proxy_set_header ${header} $user; }`,
    apache: ({ header }) => `Require valid-user\nRequestHeader set ${header} "expr=%{REMOTE_USER}"`,
    haproxy: ({ header }) =>
      `http-request del-header ${header} # first, and set it after signing in`,
    caddy: ({ header }) => `request_header -${header} # before forward_auth`,
    traefik: ({ path }) => `rule: Path(\`${path}\`) # with the forwardAuth middleware`,
    envoy: () => 'no ExtAuthzPerRoute that is disabled: true on this route',
  },
};

/** What to write where, for this proxy. */
export const findRemedy = (hole: Hole, proxy: ProxyName, place: Place): string =>
  REMEDIES[hole][proxy](place);
