// Attacks by the request target and by Host (T13, T14): what a proxy and the issuer may read as two
// different things.

import { type Attack, authorizePath, identityPaths, type Site, subjectHeader } from '../attack.ts';

/** Near enough for some proxy to take one for the path, and for another to let it pass. */
const VARIANTS: readonly (readonly [string, (path: string) => string])[] = [
  ['slash', (path) => `${path}/`],
  ['case', (path) => path.replace(/\/(\w)(\w*)$/, (_, a, rest) => `/${a.toUpperCase()}${rest}`)],
  ['upper', (path) => path.toUpperCase()],
  ['encoded-slash', (path) => `${path}%2f`],
  ['encoded-letter', (path) => path.replace(/\/(\w)(\w*)$/, (_, a, rest) => `/${toHex(a)}${rest}`)],
  ['semicolon', (path) => `${path};x=1`],
  ['blank', (path) => `${path}%20`],
  ['hash', (path) => `${path}%23`],
  ['null', (path) => `${path}%00`],
  ['question', (path) => `${path}%3f`],
  ['double-slash', (path) => `/${path}`],
  ['backslash', (path) => `/\\${path.slice(1)}`],
  ['dots', (path) => `/x/..${path}`],
  ['encoded-dots', (path) => `/.well-known/..%2f${path.slice(1)}`],
  ['via-token', (path) => `/token/..${path}`],
  ['down', (path) => `${path}/x/..`],
  ['fragment', (path) => `${path}#/jwks.json`],
  ['json', (path) => `${path}.json`],
];

const toHex = (letter: string): string => `%${letter.charCodeAt(0).toString(16)}`;

const FOREIGN = 'asteroid-doctor.invalid';

export function pathAttacks(site: Site): readonly Attack[] {
  const header = subjectHeader(site);
  const near = identityPaths(site).flatMap(({ path, methods }) =>
    VARIANTS.map(
      ([variant, spell]): Attack => ({
        id: `T14-${variant}-${path
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, '-')
          .slice(1)}`,
        says: `${spell(path)} in place of ${path}, with a forged ${header}`,
        hole: 'path',
        header,
        path,
        messages: (mark) => [
          { method: methods[0] ?? 'GET', path: spell(path), lines: [`${header}: ${mark}`] },
        ],
      }),
    ),
  );
  return [...hosts(site), ...near];
}

const hosts = (site: Site): readonly Attack[] => {
  const path = authorizePath(site);
  const attack = { hole: 'host', path } as const;
  const foreign = `Host: ${FOREIGN}`;
  const own = `Host: ${site.host}`;
  const scheme = new URL(site.issuer).protocol;
  return [
    {
      ...attack,
      id: 'T13-foreign',
      says: 'the Host of somebody else',
      messages: () => [{ path, hostLines: [foreign] }],
    },
    {
      ...attack,
      id: 'T13-twice',
      says: 'two Host lines',
      messages: () => [{ path, hostLines: [own, foreign] }],
    },
    {
      ...attack,
      id: 'T13-absolute',
      says: 'a request target with the Host of somebody else',
      messages: () => [{ path: `${scheme}//${FOREIGN}${path}`, hostLines: [own] }],
    },
    {
      ...attack,
      id: 'T13-forwarded-host',
      says: 'a Host of somebody else in X-Forwarded-Host and its like',
      messages: () => [
        {
          path,
          lines: [`X-Forwarded-Host: ${FOREIGN}`, `Forwarded: host=${FOREIGN}`],
        },
      ],
    },
  ];
};
