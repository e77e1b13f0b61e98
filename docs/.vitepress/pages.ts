// Where each page of the documentation stands: the side bar of the site, and nothing else. A page that
// is in no group is found by nobody, so a test holds this against the folder.

export type Group = {
  readonly text: string;
  /** Names of files without `.md`, in the order in which somebody would read them. */
  readonly pages: readonly string[];
};

export const GROUPS: readonly Group[] = [
  {
    text: 'Begin',
    pages: [
      'quick-starts/oauth2-proxy',
      'quick-starts/sidecar',
      'quick-starts/mesh',
      'quick-starts/tests',
      'dev',
    ],
  },
  {
    text: 'Configure',
    pages: [
      'configuration',
      'clients',
      'upstream',
      'presets',
      'userinfo',
      'scopes',
      'keys',
      'storage',
      'rate-limits',
      'pages',
      'profiles',
    ],
  },
  { text: 'Deploy', pages: ['deployment', 'kubernetes', 'compose', 'systemd', 'doctor'] },
  {
    text: 'Run',
    pages: [
      'runbooks',
      'troubleshooting',
      'errors',
      'monitoring',
      'audit',
      'admin',
      'admin-examples',
      'admin-people',
      'console',
      'operations',
      'performance',
    ],
  },
  {
    text: 'Flows',
    pages: [
      'requests',
      'sign-out',
      'review',
      'device',
      'dpop',
      'token-exchange',
      'token-hook',
      'registration',
      'check',
    ],
  },
  {
    text: 'Relying parties',
    pages: [
      'guides/kubernetes',
      'guides/grafana',
      'guides/argo-cd',
      'guides/gitlab',
      'guides/gitea',
      'guides/oauth2-proxy',
      'guides/vault',
      'guides/minio',
      'guides/jenkins',
    ],
  },
  {
    text: 'Test with it',
    pages: ['testing', 'fixtures', 'faults', 'control', 'producer', 'mock-servers'],
  },
  {
    text: 'The project',
    pages: [
      'other-issuers',
      'threat-model',
      'standards',
      'vulnerabilities',
      'architecture',
      'contributing',
      'dependencies',
    ],
  },
];
