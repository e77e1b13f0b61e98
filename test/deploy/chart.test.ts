// The chart as Helm renders it, held to the schemas of Kubernetes and to what its pods promise.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cleanUp, PROGRAM, temporaryFolder } from '../e2e/rig.ts';
import {
  CHART,
  EVERYTHING,
  merge,
  render,
  SHARED,
  SIDECAR,
  STANDALONE,
  type Values,
} from './chart.ts';
import { HELM, inProject, run } from './programs.ts';
import { findLooseReferences } from './references.ts';
import { findSchemaProblems, RELEASES } from './schemas.ts';
import {
  at,
  find,
  listAt,
  mapAt,
  nameOf,
  ofKind,
  parseDocuments,
  type Tree,
  textAt,
} from './tree.ts';

afterAll(cleanUp);

const FULL = merge(EVERYTHING, { config: SHARED });

const RENDERINGS: readonly (readonly [what: string, values: Values])[] = [
  ['sidecar, the least', SIDECAR],
  ['sidecar, everything', merge(SIDECAR, FULL)],
  [
    'sidecar, with a path and registration',
    merge(SIDECAR, { issuer: 'https://a.example/sso.b', config: { registration: { open: true } } }),
  ],
  [
    'sidecar, secrets in values',
    merge(SIDECAR, {
      oauth2Proxy: {
        existingSecret: '',
        secret: { clientSecret: 'one', cookieSecret: '0123456789abcdef' },
      },
    }),
  ],
  ['sidecar, keys in a Secret', merge(SIDECAR, { keys: { existingSecret: 'keys' } })],
  [
    'sidecar, behind an ingress that is trusted',
    merge(SIDECAR, {
      oauth2Proxy: {
        trustedProxyIps: ['10.0.0.0/8'],
        extraArgs: ['--cookie-expire=8h'],
        alphaConfig: { server: { bindAddress: '0.0.0.0:4180' } },
      },
    }),
  ],
  ['standalone, the least', STANDALONE],
  ['standalone, everything', merge(STANDALONE, FULL)],
  [
    'standalone, other objects of somebody else',
    merge(STANDALONE, {
      existingClientsConfigMap: 'clients',
      secrets: { existingSecret: 'mine', data: {} },
      serviceAccount: { create: false, name: 'mine' },
    }),
  ],
  [
    'budget by maxUnavailable',
    merge(STANDALONE, {
      podDisruptionBudget: { enabled: true, minAvailable: null, maxUnavailable: '25%' },
    }),
  ],
  [
    'image by digest',
    merge(STANDALONE, {
      image: { digest: `sha256:${'a'.repeat(64)}` },
      nameOverride: 'issuer',
    }),
  ],
];

/** What the values say is made by others. */
const ELSEWHERE = [
  'Secret/proxy',
  'Secret/keys',
  'Secret/tls',
  'Secret/mine',
  'ConfigMap/clients',
  'ServiceAccount/mine',
];

describe('every rendering of the chart', () => {
  for (const [what, values] of RENDERINGS) {
    for (const release of RELEASES) {
      it(`is what Kubernetes ${release} takes: ${what}`, () => {
        expect(findSchemaProblems(render(values, '--kube-version', release), release)).toEqual([]);
      });
    }

    it(`names nothing that is not there: ${what}`, () => {
      expect(findLooseReferences(render(values), ELSEWHERE)).toEqual([]);
    });

    it(`passes helm lint: ${what}`, () => {
      const { status, output } = run(HELM, ['lint', CHART, '--strict', '--values', '-'], {
        input: JSON.stringify(values),
      });
      expect(status, output).toBe(0);
    });
  }

  it('of everything has every kind of object that the chart knows', () => {
    const kinds = (values: Values) =>
      [...new Set(render(values).map((object) => textAt(object, 'kind')))].sort();

    expect(kinds(merge(SIDECAR, FULL))).toEqual([
      'ConfigMap',
      'Deployment',
      'HTTPRoute',
      'HorizontalPodAutoscaler',
      'Ingress',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'PrometheusRule',
      'Secret',
      'Service',
      'ServiceAccount',
      'ServiceMonitor',
    ]);
    expect(kinds(SIDECAR)).toEqual(['ConfigMap', 'Deployment', 'Service', 'ServiceAccount']);
  });
});

const problemsOf = (values: Values, change: (deployment: Record<string, Tree>) => void) => {
  const objects = structuredClone(render(values));
  change(mapAt(find(objects, 'Deployment')) as Record<string, Tree>);
  return [...findSchemaProblems(objects, '1.37'), ...findLooseReferences(objects, ELSEWHERE)];
};

const set = (tree: Tree, key: string, value: Tree): void => {
  Object.assign(mapAt(tree), { [key]: value });
};

describe('a manifest that is got wrong', () => {
  const PLANTED: readonly (readonly [string, (deployment: Tree) => void, RegExp])[] = [
    ['a field that there is none of', (tree) => set(at(tree, 'spec'), 'replica', 2), /replica/],
    ['a number that is a text', (tree) => set(at(tree, 'spec'), 'replicas', 'two'), /replicas/],
    ['a kind that there is none of', (tree) => set(tree, 'kind', 'Deploymint'), /no such kind/],
    [
      'a volume that nobody made',
      (tree) =>
        set(
          at(tree, 'spec', 'template', 'spec', 'containers', 0, 'volumeMounts', 0),
          'name',
          'nothing',
        ),
      /no volume nothing/,
    ],
    [
      'a ConfigMap that nobody made',
      (tree) =>
        set(at(tree, 'spec', 'template', 'spec', 'volumes', 0, 'configMap'), 'name', 'nothing'),
      /no ConfigMap\/nothing/,
    ],
    [
      'a probe of a port that is not there',
      (tree) =>
        set(
          at(tree, 'spec', 'template', 'spec', 'containers', 0, 'readinessProbe', 'httpGet'),
          'port',
          'nothing',
        ),
      /no port nothing/,
    ],
    [
      'labels that nothing selects',
      (tree) =>
        set(at(tree, 'spec', 'template', 'metadata', 'labels'), 'app.kubernetes.io/name', 'other'),
      /selects no pods/,
    ],
    [
      'a subPath, which never changes',
      (tree) =>
        set(
          at(tree, 'spec', 'template', 'spec', 'containers', 0, 'volumeMounts', 0),
          'subPath',
          'asteroid.yaml',
        ),
      /subPath/,
    ],
  ];

  for (const [what, change, problem] of PLANTED) {
    it(`is found: ${what}`, () => {
      expect(problemsOf(STANDALONE, change).join('\n')).toMatch(problem);
    });
  }

  it('is found in what an operator defined: a ServiceMonitor', () => {
    const monitor = find(render(merge(SIDECAR, FULL)), 'ServiceMonitor');
    set(at(monitor, 'spec', 'endpoints', 0), 'intervall', '30s');

    expect(findSchemaProblems([monitor], '1.37').join()).toMatch(/intervall/);
  });
});

const containers = (objects: readonly Tree[]): readonly Tree[] => {
  const pod = at(find(objects, 'Deployment'), 'spec', 'template', 'spec');
  return [...listAt(pod, 'initContainers'), ...listAt(pod, 'containers')];
};

describe('pods', () => {
  for (const [what, values] of [
    ['sidecar', SIDECAR],
    ['standalone', STANDALONE],
  ] as const) {
    it(`run as nobody in particular and write nothing: ${what}`, () => {
      const objects = render(values);
      const pod = at(find(objects, 'Deployment'), 'spec', 'template', 'spec');

      expect(mapAt(pod, 'securityContext')).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(at(pod, 'automountServiceAccountToken')).toBe(false);
      expect(at(pod, 'enableServiceLinks')).toBe(false);
      for (const container of containers(objects)) {
        expect(at(container, 'securityContext')).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(
          textAt(container, 'resources', 'limits', 'memory'),
          textAt(container, 'name'),
        ).toMatch(/Mi$/);
      }
    });
  }

  it('of mode sidecar begin with Asteroid, a native sidecar, and end with it', () => {
    const pod = at(find(render(SIDECAR), 'Deployment'), 'spec', 'template', 'spec');
    const [folder, asteroid] = listAt(pod, 'initContainers');
    const [proxy] = listAt(pod, 'containers');

    expect([folder, asteroid, proxy].map((container) => textAt(container, 'name'))).toEqual([
      'socket-folder',
      'asteroid',
      'oauth2-proxy',
    ]);
    expect(at(folder, 'restartPolicy')).toBeUndefined();
    expect(at(asteroid, 'restartPolicy')).toBe('Always');
    expect(mapAt(asteroid, 'startupProbe', 'httpGet')).toEqual({ path: '/readyz', port: 'health' });
    // Asteroid is told to end after the proxy has, so the pod lives for both of them.
    const grace = Number(at(pod, 'terminationGracePeriodSeconds'));
    expect(grace).toBeGreaterThan(
      Number(at(proxy, 'lifecycle', 'preStop', 'sleep', 'seconds')) + 5 + 20,
    );
    expect(listAt(pod, 'volumes').find((volume) => at(volume, 'name') === 'sockets')).toMatchObject(
      { emptyDir: { medium: 'Memory' } },
    );
  });

  it('leave the port that reads an identity to the proxy: no Service has it, and no port of TCP', () => {
    const config = textAt(
      find(render(SIDECAR), 'ConfigMap', 'sso-asteroid-config'),
      'data',
      'asteroid.yaml',
    );

    expect(config).toContain('socket: /run/asteroid/private/browser.sock');
    expect(
      listAt(find(render(SIDECAR), 'Service'), 'spec', 'ports').map((port) =>
        textAt(port, 'targetPort'),
      ),
    ).toEqual(['http', 'programs']);
  });

  it('are rolled by what waits for a restart, and not by clients, users and secrets', () => {
    const annotationsOf = (values: Values) =>
      at(find(render(values), 'Deployment'), 'spec', 'template', 'metadata', 'annotations');
    const before = annotationsOf(STANDALONE);

    expect(
      annotationsOf(merge(STANDALONE, { config: { workers: 2, store: { driver: 'redis' } } })),
    ).not.toEqual(before);
    expect(
      annotationsOf(
        merge(STANDALONE, { clients: [{ client_id: 'a' }], secrets: { data: { a: 'b' } } }),
      ),
    ).toEqual(before);
    expect(annotationsOf(merge(SIDECAR, { oauth2Proxy: { scope: 'openid' } }))).not.toEqual(
      annotationsOf(SIDECAR),
    );
  });

  it('of one store in memory are replaced, and others are added first', () => {
    const strategyOf = (values: Values) =>
      textAt(find(render(values), 'Deployment'), 'spec', 'strategy', 'type');

    expect(strategyOf(STANDALONE)).toBe('Recreate');
    expect(strategyOf(merge(STANDALONE, { config: SHARED }))).toBe('RollingUpdate');
  });
});

describe('alerts of the chart', () => {
  const FILES = ['recording.yaml', 'alerts.yaml'];

  it('are those of deploy/prometheus, byte for byte', () => {
    for (const name of FILES) {
      const copy = readFileSync(path.join(CHART, 'files', name), 'utf8');
      expect(copy, name).toBe(readFileSync(inProject(`deploy/prometheus/${name}`), 'utf8'));
    }
  });

  it('come through Helm as they are, templates of Prometheus included', () => {
    const groups = listAt(find(render(merge(SIDECAR, FULL)), 'PrometheusRule'), 'spec', 'groups');
    const written = FILES.flatMap((name) =>
      listAt(parseDocuments(readFileSync(path.join(CHART, 'files', name), 'utf8'))[0], 'groups'),
    );

    expect(groups.slice(0, -1)).toEqual(written);
    expect(textAt(groups.at(-1), 'rules', 0, 'alert')).toBe('AsteroidGone');
  });

  it('find their numbers: the ServiceMonitor asks where /metrics is answered', () => {
    const monitor = find(render(merge(SIDECAR, FULL)), 'ServiceMonitor');

    expect(mapAt(monitor, 'spec', 'endpoints', 0)).toMatchObject({
      port: 'health',
      path: '/metrics',
    });
  });
});

/** What `asteroid check` says of the configuration that a rendering has. */
function check(objects: readonly Tree[]): string {
  const home = temporaryFolder();
  const data = (kind: string, name: string, folder: string, decode: (text: string) => string) => {
    mkdirSync(path.join(home, folder), { recursive: true });
    for (const object of objects.filter(
      (one) => nameOf(one).startsWith(`${kind}/`) && nameOf(one).endsWith(`-${name}`),
    )) {
      for (const [file, text] of Object.entries(mapAt(object, 'data'))) {
        writeFileSync(path.join(home, folder, file), placed(decode(String(text))), { mode: 0o600 });
      }
    }
  };
  const placed = (text: string) =>
    text
      .replaceAll('/etc/asteroid', `${home}/etc`)
      .replaceAll('/run/secrets/asteroid', `${home}/secrets`)
      .replaceAll('/run/asteroid', home);
  const plain = (text: string) => text;
  data('ConfigMap', 'config', 'etc/config', plain);
  data('ConfigMap', 'clients', 'etc/clients', plain);
  data('Secret', 'secrets', 'secrets', (text) => Buffer.from(text, 'base64').toString());
  const { status, output } = run(process.execPath, [
    PROGRAM,
    'check',
    '--config',
    path.join(home, 'etc/config/asteroid.yaml'),
  ]);
  return `${status} ${output}`;
}

describe('asteroid.yaml of the chart', () => {
  const OWN = RENDERINGS.filter(
    ([what]) => !what.includes('somebody else') && !what.includes('keys in a Secret'),
  );
  for (const [what, values] of OWN) {
    it(`has no problem: ${what}`, () => {
      expect(check(render(values))).toMatch(/^0 /);
    });
  }

  it('that is got wrong is refused', () => {
    expect(check(render(merge(SIDECAR, { config: { lifetimes: { id_token: 'soon' } } })))).toMatch(
      /^78 [\s\S]*id_token/,
    );
  });
});

/** What a reader of docs/kubernetes.md writes to values.yaml, one for each mode. */
const PAGE: readonly Values[] = [
  ...readFileSync(inProject('docs/kubernetes.md'), 'utf8').matchAll(
    /^```yaml\n# values\.yaml\n([\s\S]*?)^```$/gm,
  ),
].map(([, text = '']) => parse(text));

const LONG = 'a secret of thirty-two bytes and more';
const MADE = {
  secrets: {
    existingSecret: '',
    data: { keys: LONG, grafana: LONG, upstream: LONG, 'redis-url': 'redis://127.0.0.1:6379' },
  },
};

describe('values.yaml of docs/kubernetes.md', () => {
  it('is there for both modes', () => {
    expect(PAGE.map(({ mode }) => mode ?? 'sidecar')).toEqual(['sidecar', 'standalone']);
  });

  for (const values of PAGE) {
    it(`makes a release that Kubernetes and Asteroid take: ${values['issuer']}, ${values['mode'] ?? 'sidecar'}`, () => {
      const objects = render(values);
      const own = objects.filter((object) => at(object, 'kind') !== 'Middleware');

      expect(findSchemaProblems(own, '1.37')).toEqual([]);
      expect(check(render(merge(values, MADE)))).toMatch(/^0 /);
    });
  }

  it('has the Middlewares of the recipe for Traefik, and names those that there are', () => {
    const { http } = parse(readFileSync(inProject('deploy/traefik/asteroid.yaml'), 'utf8'));
    const objects = render(PAGE[1] ?? {});
    const made = ofKind(objects, 'Middleware').map((object) => [
      textAt(object, 'metadata', 'name'),
      at(object, 'spec'),
    ]);
    // Where the auth service is, and what the secret says, is everybody's own.
    const placed = (tree: Tree): Tree =>
      JSON.parse(
        JSON.stringify(tree)
          .replace(/"address":"[^"]*"/, '"address":""')
          .replace(/("X-Asteroid-Upstream-Secret":)"(?:[^"\\]|\\.)+"/, '$1""'),
      );
    const named = JSON.stringify(ofKind(objects, 'Ingress')).match(/sso-[\w-]+@kubernetescrd/g);

    expect(placed(Object.fromEntries(made))).toEqual(placed(http.middlewares));
    expect([...new Set(named)].toSorted()).toEqual(
      made.map(([name]) => `sso-${name}@kubernetescrd`).toSorted(),
    );
  });
});
