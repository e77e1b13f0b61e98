// Envoy with ext_authz, as a whole bootstrap. ext_authz overwrites what the answer names and keeps the
// rest of the request, so that everything is removed before it asks.

import {
  type Address,
  type AuthService,
  type Generator,
  hostPort,
  impossible,
  indent,
  type Setting,
  toLines,
} from './setting.ts';

const EXTENSIONS = 'type.googleapis.com/envoy.extensions';
const FILTERS = `${EXTENSIONS}.filters.http`;

export const envoyLines: Generator = (setting) => {
  const { auth } = setting;
  if (auth === undefined)
    return impossible('Envoy needs somebody to ask; this preset names nobody');
  return toLines([
    `# Envoy for the preset ${setting.preset}, with ${auth.name} as the auth service. Envoy Gateway has the same`,
    '# parts: a HeaderMutation filter before the SecurityPolicy, HTTPRoutes with a RequestHeaderModifier.',
    ...auth.needs(setting.host).map((line) => `# ${line}`),
    ...(setting.secretHeader === undefined
      ? []
      : [
          `# Its environment holds ASTEROID_UPSTREAM_SECRET, the content of ${setting.secretFile}.`,
        ]),
    'static_resources:',
    '  listeners:',
    '    - name: asteroid',
    `      address: { socket_address: { address: 0.0.0.0, port_value: ${setting.port} } }`,
    '      filter_chains:',
    '        - filters:',
    '            - name: envoy.filters.network.http_connection_manager',
    '              typed_config:',
    ...indent(managerLines(setting, auth), 16),
    ...(setting.isHttps ? indent(tlsLines(setting), 10) : []),
    '  clusters:',
    ...cluster('asteroid', setting.open, setting.isMutual && !setting.isSplit),
    ...(setting.isSplit ? cluster('asteroid_browser', setting.browser, setting.isMutual) : []),
    ...cluster('asteroid_auth', tcpOf(auth.address), false),
  ]);
};

const managerLines = (setting: Setting, auth: AuthService): readonly string[] => [
  `"@type": ${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
  'stat_prefix: asteroid',
  'common_http_protocol_options: { headers_with_underscores_action: REJECT_REQUEST }',
  'normalize_path: false  # Asteroid compares paths byte for byte, and so do the routes',
  'http_filters:',
  '  # First of all, whatever a client says about itself.',
  '  - name: envoy.filters.http.header_mutation',
  '    typed_config:',
  `      "@type": ${FILTERS}.header_mutation.v3.HeaderMutation`,
  '      mutations:',
  '        request_mutations:',
  ...setting.scrubbed.map((name) => `          - remove: ${name.toLowerCase()}`),
  '  - name: envoy.filters.http.ext_authz',
  '    typed_config:',
  `      "@type": ${FILTERS}.ext_authz.v3.ExtAuthz`,
  '      failure_mode_allow: false',
  '      http_service:',
  `        server_uri: { uri: "${auth.address}", cluster: asteroid_auth, timeout: 2s }`,
  ...(auth.forward.envoy === '/'
    ? []
    : [`        path_prefix: ${auth.forward.envoy.replace(/\/$/, '')}`]),
  '        authorization_request:',
  '          headers_to_add:',
  `            - { key: x-forwarded-proto, value: ${setting.isHttps ? 'https' : 'http'} }`,
  '          allowed_headers: { patterns: [{ exact: cookie }, { exact: x-forwarded-for }, { exact: accept }] }',
  '        authorization_response:',
  '          allowed_upstream_headers:',
  '            patterns:',
  ...setting.identity.map(({ name }) => `              - { exact: ${name.toLowerCase()} }`),
  '          allowed_client_headers: { patterns: [{ exact: set-cookie }, { exact: location }] }',
  '  - name: envoy.filters.http.router',
  `    typed_config: { "@type": ${FILTERS}.router.v3.Router }`,
  'route_config:',
  '  virtual_hosts:',
  '    - name: asteroid',
  `      domains: ["${setting.host}"]`,
  '      routes:',
  ...indent(routeLines(setting, auth), 8),
];

function routeLines(setting: Setting, auth: AuthService): readonly string[] {
  const open = [
    '  typed_per_filter_config:',
    '    envoy.filters.http.ext_authz:',
    `      "@type": ${FILTERS}.ext_authz.v3.ExtAuthzPerRoute`,
    '      disabled: true',
  ];
  const secret =
    setting.secretHeader === undefined
      ? []
      : [
          '  request_headers_to_add:',
          `    - header: { key: ${setting.secretHeader.toLowerCase()}, value: "%ENVIRONMENT(ASTEROID_UPSTREAM_SECRET)%" }`,
          '      append_action: OVERWRITE_IF_EXISTS_OR_ADD',
        ];
  const browser = setting.isSplit ? 'asteroid_browser' : 'asteroid';
  return [
    '# Only these read who the End-User is. Asteroid answers 404 to everything nearly like them.',
    ...setting.browserPaths.flatMap((path) => [
      `- match: { path: "${path}" }`,
      `  route: { cluster: ${browser} }`,
      ...secret,
    ]),
    ...(auth.pages === undefined
      ? []
      : [`- match: { prefix: "${auth.pages}" }`, '  route: { cluster: asteroid_auth }', ...open]),
    '- match: { prefix: / }',
    '  route: { cluster: asteroid }',
    ...open,
  ];
}

const tlsLines = ({ host }: Setting): readonly string[] => {
  const { hostname } = new URL(`http://${host}`);
  return [
    'transport_socket:',
    '  name: envoy.transport_sockets.tls',
    '  typed_config:',
    `    "@type": ${EXTENSIONS}.transport_sockets.tls.v3.DownstreamTlsContext`,
    '    common_tls_context:',
    '      tls_certificates:',
    `        - certificate_chain: { filename: /etc/envoy/tls/${hostname}.crt }`,
    `          private_key: { filename: /etc/envoy/tls/${hostname}.key }`,
  ];
};

function tcpOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return { kind: 'tcp', host: hostname, port: Number(port || '80'), tls: false };
}

const cluster = (name: string, address: Address, isMutual: boolean): readonly string[] => [
  `    - name: ${name}`,
  '      connect_timeout: 1s',
  `      type: ${address.kind === 'unix' ? 'STATIC' : 'STRICT_DNS'}`,
  '      load_assignment:',
  `        cluster_name: ${name}`,
  '        endpoints:',
  `          - lb_endpoints: [{ endpoint: { address: ${endpointOf(address)} } }]`,
  ...(address.tls
    ? [
        '      transport_socket:',
        '        name: envoy.transport_sockets.tls',
        '        typed_config:',
        `          "@type": ${EXTENSIONS}.transport_sockets.tls.v3.UpstreamTlsContext`,
        '          common_tls_context:',
        '            validation_context: { trusted_ca: { filename: /etc/envoy/tls/asteroid-ca.crt } }',
        ...(isMutual
          ? [
              '            tls_certificates:',
              '              - certificate_chain: { filename: /etc/envoy/tls/asteroid-client.crt }',
              '                private_key: { filename: /etc/envoy/tls/asteroid-client.key }',
            ]
          : []),
      ]
    : []),
];

function endpointOf(address: Address): string {
  if (address.kind === 'unix') return `{ pipe: { path: ${address.path} } }`;
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(hostPort(address)) ?? [];
  return `{ socket_address: { address: "${host.replace(/[[\]]/g, '')}", port_value: ${port} } }`;
}
