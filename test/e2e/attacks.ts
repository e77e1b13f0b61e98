// What an attacker sends to a proxy, as header lines and request targets.

/** What the issuer behind the proxy reads. */
export type Names = {
  readonly subject: string;
  readonly email: string;
  readonly groups: string;
  readonly secret: string;
};

export type Attack = {
  readonly says: string;
  readonly lines: readonly string[];
  readonly connection?: string;
};

const SPELLINGS: Readonly<Record<string, (name: string) => string>> = {
  underscores: (name) => name.replaceAll('-', '_'),
  dots: (name) => name.replaceAll('-', '.'),
  tildes: (name) => name.replaceAll('-', '~'),
  'one underscore': (name) => name.replace('-', '_').toUpperCase(),
};

/** What a proxy has to remove, in the very name of it. */
export const forgeries = ({ subject, email, groups, secret }: Names): readonly Attack[] => [
  { says: 'T01: a subject', lines: [`${subject}: bob`] },
  { says: 'T01: a subject in capitals', lines: [`${subject.toUpperCase()}: bob`] },
  { says: 'T01: an email', lines: [`${email}: bob@example.test`] },
  { says: 'T02: a secret that is guessed', lines: [`${secret}: guessed`, `${subject}: bob`] },
  { says: 'T02: two secrets', lines: [`${secret}: one`, `${secret}: two`, `${subject}: bob`] },
  { says: 'T02: an empty secret', lines: [`${secret}:`, `${subject}: bob`] },
  { says: 'T05: two subjects', lines: [`${subject}: bob`, `${subject.toLowerCase()}: alice`] },
  { says: 'T05: two groups', lines: [`${groups}: admins`, `${groups}: root`] },
  { says: 'T08: an empty subject', lines: [`${subject}:`, `${email}: bob@example.test`] },
  { says: 'T09: a blank that looks like none', lines: [`${subject}: bob\u00a0`] },
  { says: 'T15: groups', lines: [`${groups}: admins`] },
  { says: 'T18: a placeholder', lines: [`${subject}: {http.reverse_proxy.header.X}`] },
  { says: 'T18: (null)', lines: [`${subject}: (null)`] },
];

/** What some hop might take for something else than it is; nothing of it is a header of the issuer. */
export const disguises = ({ subject }: Names): readonly Attack[] => [
  ...['X-Forwarded-User', 'X-Auth-Request-User', 'Remote-User', 'X-Remote-User', 'X-Authentik-Uid']
    .filter((name) => name !== subject)
    .map((name) => ({ says: `T01: ${name}`, lines: [`${name}: bob`] })),
  {
    says: 'T03: an address of loopback',
    lines: ['X-Forwarded-For: 127.0.0.1', 'X-Real-IP: 127.0.0.1', `${subject}: bob`],
  },
  {
    says: 'T14: another path in headers',
    lines: [
      'X-Forwarded-Uri: /jwks.json',
      'X-Original-URL: /jwks.json',
      'X-Rewrite-URL: /jwks.json',
      'X-Forwarded-Method: OPTIONS',
      `${subject}: bob`,
    ],
  },
  { says: 'T32: a probe', lines: ['User-Agent: kube-probe/1.31', `${subject}: bob`] },
];

/** Names that are nearly those: some proxies cannot remove them. */
export const aliases = ({ subject, groups, secret }: Names): readonly Attack[] =>
  Object.entries(SPELLINGS).flatMap(([how, spell]) => [
    { says: `T06: ${how} in the subject`, lines: [`${spell(subject)}: bob`] },
    { says: `T06: ${how} in the groups`, lines: [`${spell(groups)}: admins`] },
    { says: `T06: ${how} in the secret`, lines: [`${spell(secret)}: guessed`] },
  ]);

/** What a client asks the hops to drop. */
export const removals = ({ subject, groups, secret }: Names): readonly Attack[] =>
  [subject, subject.toLowerCase(), groups, groups.toLowerCase(), secret].flatMap((name) =>
    [name, `close, ${name}`, `keep-alive, ${name}`].map((connection) => ({
      says: `T07: Connection: ${connection}`,
      lines: [`${subject}: bob`, `${groups}: admins`],
      connection,
    })),
  );

/** Targets that are nearly the path of an endpoint (T14). */
export const nearly = (path: string): readonly string[] => [
  `${path}/`,
  `/${path.charAt(1).toUpperCase()}${path.slice(2)}`,
  path.toUpperCase(),
  `${path}%2f`,
  `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`,
  `${path};x=1`,
  `${path}%20`,
  `${path}%23`,
  `${path}%00`,
  `${path}%0a`,
  `${path}%3f`,
  `${path}.json`,
  `/${path}`,
  `/\\${path.slice(1)}`,
  `/x/..${path}`,
  `/token/..${path}`,
  `/.well-known/..%2f${path.slice(1)}`,
  `/oauth2/..${path}`,
  `${path}/x/..`,
  `${path}#/token`,
];
