// Where each page of the documentation stands: the side bar of the site, and nothing else. A page that
// is in no group is found by nobody, so a test holds this against the folder.

export type Group = {
  readonly text: string;
  /** Names of files without `.md`, in the order in which somebody would read them. */
  readonly pages: readonly string[];
};

export const GROUPS: readonly Group[] = [
  { text: 'Begin', pages: ['dev'] },
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
      'pages',
      'profiles',
    ],
  },
  {
    text: 'Run',
    pages: ['deployment', 'operations', 'doctor', 'errors', 'performance'],
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
    pages: ['testing', 'fixtures', 'faults', 'control', 'producer', 'comparison'],
  },
  {
    text: 'The project',
    pages: ['standards', 'vulnerabilities', 'architecture', 'contributing', 'dependencies'],
  },
];
