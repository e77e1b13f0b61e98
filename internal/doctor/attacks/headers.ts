// Attacks by header lines: forged, doubled, misspelled, taken away (T01–T10, T15, T16, T18, T32, T35).

import {
  type Attack,
  authorizePath,
  nameOf,
  openPath,
  type Site,
  subjectHeader,
} from '../attack.ts';

type Draft = Omit<Attack, 'path' | 'messages'> & {
  readonly lines: (mark: string) => readonly string[];
  readonly connection?: (mark: string) => readonly string[];
};

/**
 * All of them against the authorization endpoint and, as a stranger, against a path that is open to
 * everybody; the base case against every path.
 */
export function headerAttacks(site: Site): readonly Attack[] {
  const authorize = authorizePath(site);
  const open = openPath(site, 'GET');
  const drafts = [
    ...forgeries(site),
    ...secrets(site),
    ...aliases(site),
    ...removals(site),
    ...values(site),
    ...disguises(site),
  ];
  return [
    { ...nobody, path: authorize, messages: () => [{ path: authorize }] },
    ...elsewhere(site),
    ...drafts.flatMap((draft): readonly Attack[] => [
      aim(draft, authorize),
      { ...aim(draft, open), id: `${draft.id}-open`, as: 'stranger' },
    ]),
  ];
}

const aim = ({ lines, connection, ...attack }: Draft, path: string): Attack => ({
  ...attack,
  path,
  messages: (mark) => [
    { path, lines: lines(mark), ...(connection && { connection: connection(mark) }) },
  ],
});

const nobody = {
  id: 'T08-nobody',
  says: 'a stranger asks, and says nothing',
  hole: 'stranger',
  as: 'stranger',
} as const;

/** T01 on the paths beside the authorization endpoint; T27 where identity means nothing. */
const elsewhere = (site: Site): readonly Attack[] => {
  const header = subjectHeader(site);
  return site.routes.flatMap(({ path, endpoint, methods, readsIdentity }) =>
    methods
      .filter((method) => method !== 'HEAD')
      .map((method): Attack => {
        const variant =
          `${endpoint}-${method}${path.replaceAll(/[^a-z0-9]+/gi, '-')}`.toLowerCase();
        return {
          id: `${readsIdentity ? 'T01' : 'T27'}-${variant}`,
          says: `a forged ${header} at ${method} ${path}`,
          hole: 'header',
          header,
          path,
          messages: (mark) => [{ method, path, lines: [`${header}: ${mark}`] }],
        };
      }),
  );
};

const valueFor = (attribute: string, mark: string): string =>
  attribute === 'email' ? `${mark}@doctor.invalid` : mark;

/** One header at a time: whatever the proxy forgets is found by its name. */
const forgeries = (site: Site): readonly Draft[] =>
  site.headers
    .filter(({ kind }) => kind !== 'secret')
    .flatMap(({ attribute, name }) => [
      {
        id: `${attribute === 'groups' ? 'T15-own' : 'T01-own'}-${toId(attribute)}`,
        says: `a ${name} of one's own`,
        hole: 'header' as const,
        header: name,
        lines: (mark: string) => [`${name}: ${valueFor(attribute, mark)}`],
      },
      {
        id: `T05-twice-${toId(attribute)}`,
        says: `two ${name} of one's own`,
        hole: 'header' as const,
        header: name,
        lines: (mark: string) => [
          `${name}: ${valueFor(attribute, mark)}`,
          `${name.toLowerCase()}: ${valueFor(attribute, mark)}`,
        ],
      },
    ]);

const secrets = (site: Site): readonly Draft[] => {
  const name = nameOf(site, 'secret');
  if (name === undefined) return [];
  const draft = { hole: 'header', header: name } as const;
  return [
    {
      ...draft,
      id: 'T02-guess',
      says: `a guessed ${name}`,
      lines: (mark) => [`${name}: ${mark}`, `${subjectHeader(site)}: ${mark}`],
    },
    {
      ...draft,
      id: 'T02-twice',
      says: `two guessed ${name}`,
      lines: (mark) => [`${name}: ${mark}`, `${name}: ${mark}`],
    },
  ];
};

const SPELLINGS: readonly (readonly [string, (name: string) => string])[] = [
  ['underscore', (name) => name.replaceAll('-', '_')],
  ['dot', (name) => name.replaceAll('-', '.')],
  ['tilde', (name) => name.replaceAll('-', '~')],
  ['mixed', (name) => name.replace('-', '_').toUpperCase()],
];

const aliases = (site: Site): readonly Draft[] =>
  site.headers.flatMap(({ attribute, name }) =>
    SPELLINGS.filter(([, spell]) => spell(name).toLowerCase() !== name.toLowerCase()).map(
      ([variant, spell]) => ({
        id: `T06-${variant}-${toId(attribute)}`,
        says: `${spell(name)} in place of ${name}`,
        hole: 'alias' as const,
        header: name,
        lines: (mark: string) => [`${spell(name)}: ${mark}`],
      }),
    ),
  );

/** T07: a client asks the hops on the way to remove what the proxy has set. */
const removals = (site: Site): readonly Draft[] =>
  site.headers.flatMap(({ attribute, name }) =>
    [name, name.toLowerCase(), name.replaceAll('-', '_')]
      .filter((token, index, all) => all.indexOf(token) === index)
      .map((token, index) => ({
        id: `T07-${['exact', 'lower', 'underscore'][index]}-${toId(attribute)}`,
        says: `Connection names ${token}`,
        hole: 'connection' as const,
        header: name,
        lines: () => [],
        connection: () => [`Connection: close, ${token}`],
      })),
  );

const values = (site: Site): readonly Draft[] => {
  const name = subjectHeader(site);
  const draft = { hole: 'header', header: name } as const;
  const email = nameOf(site, 'email');
  const variants: readonly (readonly [string, string, (mark: string) => string])[] = [
    ['T09-nbsp', 'a blank that looks like none', (mark) => `${mark}\u00a0`],
    ['T10-percent', 'an escaped name', (mark) => `%61${mark}`],
    ['T10-fullwidth', 'letters that only look like some', (mark) => `\u00ef\u00bd\u0081${mark}`],
    ['T18-variable', 'a variable that nobody expanded', (mark) => `$remote_user_${mark}`],
    ['T18-caddy', 'a placeholder of Caddy', (mark) => `{http.reverse_proxy.header.${mark}}`],
    ['T16-long', 'a name of 300 characters', (mark) => `${'a'.repeat(220)}${mark}`],
  ];
  return [
    ...variants.map(([id, says, value]) => ({
      ...draft,
      id,
      says: `${says} as ${name}`,
      lines: (mark: string) => [`${name}: ${value(mark)}`],
    })),
    {
      ...draft,
      id: 'T16-many',
      says: `${name} behind 90 other headers`,
      lines: (mark) => [
        ...Array.from({ length: 90 }, (_, index) => `X-Filler-${index}: x`),
        `${name}: ${mark}`,
      ],
    },
    ...(email === undefined
      ? []
      : [
          {
            ...draft,
            id: 'T08-email-only',
            says: `an empty ${name} beside an email`,
            header: email,
            lines: (mark: string) => [`${name}:`, `${email}: ${mark}@doctor.invalid`],
          },
        ]),
  ];
};

const AGENTS = ['kube-probe/1.31', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0', 'Ping'] as const;
const LOOPBACK = '127.0.0.1';

/** What some proxies take for a reason to look the other way. */
const disguises = (site: Site): readonly Draft[] => {
  const name = subjectHeader(site);
  const draft = { hole: 'header', header: name } as const;
  const forged = (mark: string): string => `${name}: ${mark}`;
  return [
    {
      ...draft,
      id: 'T03-forwarded',
      says: 'a forged address of the peer',
      lines: (mark) => [
        `X-Forwarded-For: ${LOOPBACK}`,
        `X-Real-IP: ${LOOPBACK}`,
        `Forwarded: for=${LOOPBACK}`,
        forged(mark),
      ],
    },
    {
      ...draft,
      id: 'T35-client-certificate',
      says: 'a forged client certificate',
      lines: (mark) => [
        'X-Forwarded-Client-Cert: URI=spiffe://cluster.local/ns/edge/sa/proxy',
        forged(mark),
      ],
    },
    {
      ...draft,
      id: 'T14-original-uri',
      says: 'another path in X-Forwarded-Uri and its like',
      lines: (mark) => [
        'X-Forwarded-Uri: /jwks.json',
        'X-Original-URL: /jwks.json',
        'X-Rewrite-URL: /jwks.json',
        'X-Forwarded-Method: OPTIONS',
        forged(mark),
      ],
    },
    ...AGENTS.map((agent) => ({
      ...draft,
      id: `T32-${toId(agent.split('/')[0] ?? '')}`,
      says: `the User-Agent of a probe, ${agent}`,
      lines: (mark: string) => [`User-Agent: ${agent}`, forged(mark)],
    })),
    {
      ...draft,
      id: 'T01-authorization',
      says: 'credentials and a forged header',
      lines: (mark) => ['Authorization: Basic YTpi', forged(mark)],
    },
  ];
};

const toId = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
