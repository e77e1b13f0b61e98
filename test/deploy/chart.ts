// The chart, rendered by Helm with values that are given here, and what people set in values most often.

import { HELM, inProject, type Outcome, run } from './programs.ts';
import { parseDocuments, type Tree } from './tree.ts';

export const CHART = inProject('deploy/helm/asteroid');

export type Values = Readonly<Record<string, Tree>>;

/** `helm template`, whose standard output is the objects. */
export const template = (values: Values, ...args: readonly string[]): Outcome =>
  run(HELM, ['template', 'sso', CHART, '--namespace', 'auth', '--values', '-', ...args], {
    input: JSON.stringify(values),
  });

/** Objects of a chart that renders. */
export function render(values: Values, ...args: readonly string[]): readonly Tree[] {
  const { status, stdout, output } = template(values, ...args);
  if (status !== 0) throw new Error(output);
  return parseDocuments(stdout);
}

/** The least that mode sidecar takes. */
export const SIDECAR: Values = {
  issuer: 'https://sso.example.com',
  oauth2Proxy: { issuerUrl: 'https://idp.example.com', existingSecret: 'proxy' },
};

/** The least that mode standalone takes. */
export const STANDALONE: Values = {
  mode: 'standalone',
  issuer: 'https://sso.example.com',
  config: {
    upstream: {
      preset: 'nginx-auth-request',
      trust: {
        peers: ['10.0.0.0/24'],
        secret: { header: 'X-Asteroid-Upstream-Secret', files: ['/run/secrets/asteroid/upstream'] },
      },
    },
  },
  secrets: { data: { upstream: 'a secret of the ingress, of thirty-two bytes' } },
};

/** What several replicas take. */
export const SHARED: Values = {
  store: { driver: 'redis', redis: { url: 'redis://redis:6379' } },
  keys: { source: 'store', secret_file: '/run/secrets/asteroid/keys' },
};

/** Everything that can be switched on. */
export const EVERYTHING: Values = {
  replicaCount: 3,
  clients: [
    {
      client_id: 'grafana',
      client_secret_file: '/run/secrets/asteroid/grafana',
      redirect_uris: ['https://grafana.example.com/login/generic_oauth'],
    },
  ],
  users: [{ sub: 'alice', name: 'Alice Example' }],
  secrets: {
    data: {
      keys: 'what seals the keys, of thirty-two bytes',
      grafana: 'a secret of Grafana, of thirty-two bytes',
      upstream: 'a secret of the ingress, of thirty-two bytes',
    },
  },
  commonLabels: { team: 'identity' },
  deploymentAnnotations: { a: 'b' },
  podAnnotations: { c: 'd' },
  podLabels: { e: 'f' },
  priorityClassName: 'system-cluster-critical',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'edge', operator: 'Exists' }],
  affinity: { podAntiAffinity: {} },
  imagePullSecrets: [{ name: 'registry' }],
  serviceAccount: { annotations: { g: 'h' } },
  env: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=384' }],
  envFrom: [{ secretRef: { name: 'environment' } }],
  volumes: [{ name: 'tls', secret: { secretName: 'tls' } }],
  volumeMounts: [{ name: 'tls', mountPath: '/run/tls', readOnly: true }],
  extraContainers: [{ name: 'beside', image: 'beside:1' }],
  extraInitContainers: [{ name: 'before', image: 'before:1', restartPolicy: 'Always' }],
  extraObjects: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: '{{ .Release.Name }}-more' },
      data: { a: 'b' },
    },
  ],
  service: { annotations: { i: 'j' } },
  ingress: { enabled: true, className: 'nginx', annotations: { k: 'l' }, tlsSecret: 'tls' },
  httpRoute: {
    enabled: true,
    annotations: { m: 'n' },
    parentRefs: [{ name: 'gateway', namespace: 'edge' }],
    browserFilters: [
      {
        type: 'RequestHeaderModifier',
        requestHeaderModifier: { set: [{ name: 'X-A', value: 'b' }] },
      },
    ],
  },
  podDisruptionBudget: { enabled: true },
  autoscaling: { enabled: true, targetMemoryUtilizationPercentage: 80 },
  networkPolicy: {
    enabled: true,
    browserFrom: [{ namespaceSelector: { matchLabels: { name: 'ingress' } } }],
    programsFrom: [{ podSelector: {} }],
    healthFrom: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
    egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }],
  },
  serviceMonitor: {
    enabled: true,
    namespace: 'monitoring',
    labels: { release: 'prometheus' },
    relabelings: [{ action: 'labeldrop', regex: 'pod' }],
    metricRelabelings: [{ action: 'labeldrop', regex: 'instance' }],
  },
  prometheusRule: {
    enabled: true,
    namespace: 'monitoring',
    labels: { release: 'prometheus' },
    rules: [{ alert: 'AsteroidGone', expr: 'absent(up{job="asteroid"})', for: '5m' }],
  },
};

/** Values of the second where both say something; maps are merged. */
export function merge(one: Values, other: Values): Values {
  const merged = Object.entries(other).map(([key, value]): readonly [string, Tree] => {
    const before = one[key];
    return [key, isMap(before) && isMap(value) ? merge(before, value) : value];
  });
  return { ...one, ...Object.fromEntries(merged) };
}

const isMap = (tree: Tree): tree is Values =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree);
