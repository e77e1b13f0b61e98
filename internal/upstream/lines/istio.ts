// Istio: the mesh checks the JWT as well and passes it on as it is; only the gateway reaches Asteroid.

import { type Generator, impossible, type Setting, toLines } from './setting.ts';

export const istioLines: Generator = (setting) => {
  const { assertion, open } = setting;
  if (assertion?.keys.kind !== 'uri') {
    return impossible('Istio needs upstream.assertion.jwks_uri, which it fetches too');
  }
  if (open.kind === 'unix' || setting.browser.kind === 'unix') {
    return impossible('the sidecar of Istio connects to ports; let listen have a host and a port');
  }
  const { issuer = '', audience = [], header, scheme } = assertion;
  const prefix = scheme === 'bearer' ? ', prefix: "Bearer "' : '';
  return toLines([
    '# Istio, beside a Deployment with the label app: asteroid and a Gateway in istio-system.',
    'apiVersion: security.istio.io/v1',
    'kind: RequestAuthentication',
    'metadata: { name: asteroid, namespace: asteroid }',
    'spec:',
    '  selector: { matchLabels: { app: asteroid } }',
    '  jwtRules:',
    `    - issuer: ${JSON.stringify(issuer)}`,
    `      jwksUri: ${JSON.stringify(assertion.keys.uri)}`,
    `      audiences: ${JSON.stringify(audience)}`,
    `      fromHeaders: [{ name: ${header}${prefix} }]`,
    '      forwardOriginalToken: true  # Asteroid verifies it once more',
    ...(header.toLowerCase() === 'authorization' ? ownRule(setting) : []),
    '---',
    '# Nothing but the gateway reaches what reads an identity, and only over the mTLS of the mesh.',
    'apiVersion: security.istio.io/v1',
    'kind: PeerAuthentication',
    'metadata: { name: asteroid, namespace: asteroid }',
    'spec:',
    '  selector: { matchLabels: { app: asteroid } }',
    '  mtls: { mode: STRICT }',
    '---',
    'apiVersion: security.istio.io/v1',
    'kind: AuthorizationPolicy',
    'metadata: { name: asteroid, namespace: asteroid }',
    'spec:',
    '  selector: { matchLabels: { app: asteroid } }',
    '  action: ALLOW',
    '  rules:',
    '    - from:',
    '        - source:',
    '            principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account]',
    '    # Programs of the mesh call these themselves; none of them reads an identity.',
    '    - to:',
    '        - operation:',
    `            paths: ${JSON.stringify(programPaths(setting))}`,
    '---',
    ...virtualService(setting),
  ]);
};

const programPaths = ({ openPaths, checkPaths, registrationPaths }: Setting): readonly string[] => [
  ...openPaths,
  ...checkPaths,
  ...registrationPaths.flatMap((path) => [path, `${path}/*`]),
];

/** Istio refuses whatever is in `Authorization: Bearer` of an issuer that has no rule: also at /userinfo. */
const ownRule = ({ issuer, origin, openPaths }: Setting): readonly string[] => [
  '    # Access tokens of Asteroid, which clients bring to /userinfo. Nobody signs in with one.',
  `    - issuer: ${JSON.stringify(issuer)}`,
  `      jwksUri: ${JSON.stringify(`${origin}${openPaths.find((path) => path.endsWith('/jwks.json'))}`)}`,
  '      forwardOriginalToken: true',
];

function virtualService(setting: Setting): readonly string[] {
  const { secretHeader, secretFile, scrubbed, browserPaths } = setting;
  const portOf = (address: Setting['open']) => (address.kind === 'tcp' ? address.port : 0);
  const route = (address: Setting['open']) =>
    `      route: [{ destination: { host: asteroid.asteroid.svc.cluster.local, port: { number: ${portOf(address)} } } }]`;
  return [
    'apiVersion: networking.istio.io/v1',
    'kind: VirtualService',
    'metadata: { name: asteroid, namespace: asteroid }',
    'spec:',
    `  hosts: ["${new URL(setting.origin).hostname}"]`,
    '  gateways: [istio-system/gateway]',
    '  http:',
    '    # Only these read who the End-User is.',
    '    - match:',
    ...browserPaths.map((path) => `        - uri: { exact: "${path}" }`),
    ...(secretHeader === undefined
      ? []
      : [
          '      headers:',
          '        request:',
          `          set: { ${secretHeader}: "the secret, as in ${secretFile}" }`,
        ]),
    route(setting.browser),
    '    - match: [{ uri: { prefix: / } }]',
    ...(scrubbed.length === 0
      ? []
      : ['      headers:', '        request:', `          remove: [${scrubbed.join(', ')}]`]),
    route(setting.open),
  ];
}
