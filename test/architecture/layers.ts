// The import table of docs/architecture.md, and the function that holds sources against it.

import path from 'node:path';
import { type Import, importsOf, type Source } from './sources.ts';

/** What the files of one folder may import, beside their own folder. */
type Row = {
  /** Folders of `internal/`, or single files of them. */
  readonly layers: readonly string[];
  /** Packages, and where in the folder: a file, a folder, or anywhere. */
  readonly packages: { readonly [name: string]: string };
  /** Modules of Node; absent: any. */
  readonly node?: readonly string[];
};

/** The only files of other rooms that the domain knows. */
const INTERFACES = [
  'store/store.ts',
  'store/device.ts',
  'store/clients.ts',
  'store/granted.ts',
  'store/held.ts',
  'keys/keys.ts',
  'userinfo/backend.ts',
  'audit/events.ts',
  'outbound/outbound.ts',
  'outbound/outbox.ts',
  'jwks/jwks.ts',
  'hook/hook.ts',
  'workloads/workloads.ts',
  'ratelimit/limits.ts',
] as const;

const ANYWHERE = '';

export const LAYERS: { readonly [folder: string]: Row } = {
  protocol: { layers: [], packages: {}, node: [] },
  store: { layers: ['protocol'], packages: { ioredis: 'redis/' } },
  keys: {
    layers: ['protocol', 'store/shelf.ts'],
    packages: { 'lru-cache': 'verify.ts', chokidar: 'file/watch.ts' },
  },
  userinfo: {
    layers: ['protocol', 'outbound/outbound.ts'],
    packages: { zod: ANYWHERE, 'lru-cache': 'answers.ts', ldapts: 'ldap/', pg: 'sql/' },
  },
  outbound: { layers: [], packages: {} },
  jwks: {
    layers: ['protocol', 'outbound/outbound.ts'],
    packages: { jose: ANYWHERE, 'lru-cache': 'finder.ts' },
  },
  hook: {
    layers: ['protocol', 'outbound/outbound.ts', 'userinfo/clean.ts'],
    packages: { zod: 'answer.ts' },
  },
  workloads: { layers: ['protocol', 'outbound/outbound.ts', 'jwks'], packages: {} },
  upstream: {
    layers: ['protocol', 'outbound/outbound.ts', 'jwks'],
    packages: { jose: 'assertion/' },
  },
  certificates: { layers: ['protocol', 'upstream'], packages: {} },
  audit: {
    layers: ['protocol', 'store/stream.ts', 'outbound/outbound.ts', 'outbound/jitter.ts'],
    packages: {},
  },
  ratelimit: {
    layers: ['protocol', 'store/budgets.ts', 'audit/events.ts'],
    packages: {},
  },
  telemetry: {
    layers: [
      'protocol',
      'store/store.ts',
      'keys/keys.ts',
      'userinfo/backend.ts',
      'outbound/outbound.ts',
      'outbound/outbox.ts',
      'audit/events.ts',
    ],
    packages: {
      pino: 'log.ts',
      'prom-client': 'process.ts',
      '@opentelemetry/api': 'tracing/',
      '@opentelemetry/sdk-trace': 'tracing/',
      '@opentelemetry/resources': 'tracing/',
      '@opentelemetry/exporter-trace-otlp-http': 'tracing/',
    },
  },
  oidc: { layers: ['protocol', ...INTERFACES], packages: {}, node: ['crypto'] },
  admin: {
    layers: [
      'protocol',
      'upstream',
      'audit/trail.ts',
      'audit/events.ts',
      'config/fields.ts',
      'config/finding.ts',
      'config/issues.ts',
    ],
    packages: { zod: 'api/' },
  },
  doctor: { layers: ['protocol', 'upstream', 'admin'], packages: {} },
  config: { layers: ['protocol'], packages: { zod: ANYWHERE } },
  loader: { layers: ['protocol', 'config'], packages: { yaml: ANYWHERE, chokidar: 'watch.ts' } },
  http: {
    layers: [
      'protocol',
      'oidc',
      'admin',
      'upstream',
      'certificates',
      'telemetry',
      'audit/events.ts',
      'ratelimit/limits.ts',
    ],
    packages: { express: 'admin/', helmet: 'middleware/' },
  },
  chooser: {
    layers: [
      'protocol',
      'oidc',
      'userinfo/backend.ts',
      'userinfo/clean.ts',
      'upstream/upstream.ts',
      'http/cookies.ts',
    ],
    packages: {},
    node: [],
  },
  producer: {
    layers: [
      'protocol',
      'upstream',
      'chooser',
      'keys/seal.ts',
      'keys/sealing-key.ts',
      'oidc/endpoint.ts',
      'http/connections.ts',
      'http/host.ts',
      'http/pages/brand.ts',
      'http/pages/html.ts',
      'http/pages/layout.ts',
      'http/pages/setting.ts',
      'http/pages/languages.ts',
      'http/pages/choose-language.ts',
      'http/pages/chooser.ts',
    ],
    packages: {},
  },
  app: {
    layers: [
      'protocol',
      'store',
      'keys',
      'userinfo',
      'outbound',
      'jwks',
      'hook',
      'workloads',
      'upstream',
      'certificates',
      'audit',
      'ratelimit',
      'telemetry',
      'oidc',
      'admin',
      'config',
      'loader',
      'http',
      'chooser',
      'producer',
    ],
    packages: {},
  },
  testissuer: {
    layers: [
      'protocol',
      'config',
      'loader',
      'oidc',
      'keys',
      'userinfo',
      'upstream',
      'audit',
      'admin',
      'http',
      'chooser/choice.ts',
      'producer/api.ts',
      'app',
    ],
    packages: { zod: 'control/' },
  },
  cmd: {
    layers: ['protocol', 'config', 'loader', 'keys', 'app', 'testissuer', 'admin', 'doctor'],
    packages: { commander: ANYWHERE },
  },
};

/** Loaded when the configuration names them, by the `open.ts` of their folder and nobody else. */
export const BACKENDS: readonly string[] = [
  'store/memory/',
  'store/redis/',
  'userinfo/yaml.ts',
  'userinfo/headers.ts',
  'userinfo/http.ts',
  'userinfo/ldap/',
  'userinfo/sql/',
  'userinfo/scim/',
  'userinfo/store.ts',
  'upstream/assertion/assertion.ts',
  'jwks/foreign-keys.ts',
  'audit/sinks/',
  'ratelimit/limiter.ts',
];

/** `internal/store/redis/redis.ts` → folder `store`, rest `redis/redis.ts`. */
function place(file: string): { readonly folder: string; readonly rest: string } {
  const parts = file.split('/');
  if (parts[0] === 'cmd') return { folder: 'cmd', rest: parts.slice(1).join('/') };
  return { folder: parts[1] ?? '', rest: parts.slice(2).join('/') };
}

/** Packages that a row allows and no file of it imports, as `folder: package`. */
export function findUnusedPackages(sources: readonly Source[]): readonly string[] {
  const used = new Set(
    sources.flatMap(({ file, text }) =>
      importsOf(text).map(({ specifier = '' }) => `${place(file).folder}: ${packageOf(specifier)}`),
    ),
  );
  return Object.entries(LAYERS)
    .flatMap(([folder, { packages }]) => Object.keys(packages).map((name) => `${folder}: ${name}`))
    .filter((entry) => !used.has(entry));
}

/** Every import that the table does not allow, as `file:line: what is wrong`. */
export function findViolations(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ file, text }) =>
    importsOf(text).flatMap(({ specifier, line, kind }) => {
      const problem = judge(file, specifier, kind);
      return problem === undefined ? [] : [`${file}:${line}: ${problem}`];
    }),
  );
}

function judge(
  file: string,
  specifier: string | undefined,
  kind: Import['kind'],
): string | undefined {
  const from = place(file);
  const row = LAYERS[from.folder];
  if (row === undefined) return `the folder ${from.folder} has no row in the import table`;
  if (specifier === undefined) return 'imports what is not a literal, so that nobody can check it';
  if (specifier.startsWith('node:')) return judgeNode(row, specifier, from.folder);
  if (!specifier.startsWith('.')) return judgePackage(row, specifier, from);
  const target = path.posix.join(path.posix.dirname(file), specifier);
  if (!/^(?:internal|cmd)\/.*\.ts$/.test(target)) return `imports ${target}, which does not ship`;
  return judgeLayer(row, place(target), from, kind);
}

const judgeNode = (row: Row, specifier: string, folder: string): string | undefined =>
  row.node === undefined || row.node.includes(specifier.slice('node:'.length))
    ? undefined
    : `${folder} may not import ${specifier}`;

const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

type Place = ReturnType<typeof place>;

function judgePackage(row: Row, specifier: string, from: Place): string | undefined {
  const name = packageOf(specifier);
  const where = row.packages[name];
  if (where !== undefined && from.rest.startsWith(where)) return undefined;
  return `${from.folder}/${from.rest} may not import the package ${name}`;
}

function judgeLayer(row: Row, to: Place, from: Place, kind: Import['kind']): string | undefined {
  const target = `${to.folder}/${to.rest}`;
  const backend = BACKENDS.find((start) => target.startsWith(start));
  if (backend !== undefined && !`${from.folder}/${from.rest}`.startsWith(backend)) {
    if (from.folder !== to.folder || from.rest !== 'open.ts') {
      return `imports the backend ${target}; only ${to.folder}/open.ts may`;
    }
    return kind === 'static'
      ? `imports the backend ${target} at once instead of lazily`
      : undefined;
  }
  if (to.folder === from.folder || row.layers.includes(to.folder)) return undefined;
  return row.layers.includes(target) ? undefined : `${from.folder} may not import ${target}`;
}
