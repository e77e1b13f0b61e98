// The paths in front of the app that the producer answers itself: those of the product, where a preset has
// people sign in and out, the keys, and a few that are the same for every product.

import type { PresetUrls } from '../upstream/presets/preset.ts';
import { PRESETS } from '../upstream/presets/table.ts';
import type { Emission } from './emission.ts';
import { statementsOf } from './end-user.ts';
import { type Door, json, UNAUTHORIZED } from './product.ts';
import { ELSEWHERE } from './signed.ts';

export const SIGN_IN = `${ELSEWHERE}/sign-in`;
const SIGN_OUT = `${ELSEWHERE}/sign-out`;
const WHO = `${ELSEWHERE}/who`;

/** Where to go afterwards. */
export const BACK = 'rd';

export type DoorTable = {
  readonly paths: readonly string[];
  /** @param path as it was sent: a URL object would make `/.asteroid/who` of `/a/../.asteroid/who`. */
  readonly find: (path: string, query: URLSearchParams) => Door | undefined;
};

/** Paths are compared byte for byte; what is only nearly one of them is the app's. */
export function createDoors(emission: Emission): DoorTable {
  const entries = [...urlDoors(emission), ...Object.entries(emission.product.doors ?? {})];
  const plain = new Map([...OWN, ...entries.filter(([path]) => !path.includes('?'))]);
  const keys = keyDoors(emission);
  const queried = entries
    .filter(([path]) => path.includes('?'))
    .map(([path, door]) => ({ wanted: new URL(path, 'http://localhost'), door }));
  return {
    paths: [
      ...new Set([SIGN_IN, ...plain.keys(), ...entries.map(([path]) => path), ...keys.keys()]),
    ],
    find: (path, query) =>
      queried.find(({ wanted }) => matches(path, query, wanted))?.door ??
      keys.get(path) ??
      plain.get(path) ??
      // Nothing of the app is there; a key that is no more has to be seen to be gone.
      (path.startsWith(`${ELSEWHERE}/`) ? NOT_FOUND : undefined),
  };
}

const OWN: ReadonlyArray<readonly [string, Door]> = [
  [SIGN_OUT, ({ url }) => ({ kind: 'leave', next: url.searchParams.get(BACK) ?? undefined })],
  [
    WHO,
    ({ who }) =>
      who === undefined ? UNAUTHORIZED : json({ ...statementsOf(who), sub: who.subject }),
  ],
];

const NOT_FOUND: Door = () => ({ kind: 'answer', status: 404, body: 'Not found\n' });

const matches = (path: string, query: URLSearchParams, wanted: URL): boolean =>
  path === wanted.pathname &&
  [...wanted.searchParams].every(([name, value]) => query.get(name) === value);

/** Templates of the preset: what stands for a URL in them is where somebody wants to go afterwards. */
function urlDoors({ name }: Emission): ReadonlyArray<readonly [string, Door]> {
  const { loginUrl, reauthenticateUrl, logoutUrl }: PresetUrls = PRESETS[name].urls ?? {};
  const choose = [loginUrl, reauthenticateUrl].flatMap((template) => {
    const place = placeOf(template);
    if (place === undefined) return [];
    const door: Door = ({ url }) => ({ kind: 'choose', back: place.target(url) });
    return [[place.path, door] as const];
  });
  const place = placeOf(logoutUrl);
  const leave: Door = ({ url }) => ({ kind: 'leave', next: place?.target(url) });
  return place === undefined ? choose : [...choose, [place.path, leave]];
}

function placeOf(template: string | undefined) {
  if (template === undefined) return undefined;
  const { pathname, searchParams } = new URL(template, 'http://localhost');
  const [target] = [...searchParams].find(([, value]) => value.startsWith('${')) ?? [];
  const fixed = [...searchParams].filter(([name]) => name !== target && name !== 'prompt');
  const query = fixed.length === 0 ? '' : `?${new URLSearchParams(fixed)}`;
  return {
    path: pathname + query,
    target: (url: URL) =>
      target === undefined ? undefined : (url.searchParams.get(target) ?? undefined),
  };
}

/** A JWK Set, or one PEM for each key id, and a discovery document where the issuer is one of ours. */
function keyDoors({ signed }: Emission): ReadonlyMap<string, Door> {
  if (signed === undefined) return new Map();
  const { terms, signer } = signed;
  const type = { 'Content-Type': 'application/json; charset=utf-8' };
  const jwks: Door = () => ({ kind: 'answer', status: 200, headers: type, body: signer.jwks });
  const pem: Door = () => ({ kind: 'answer', status: 200, body: signer.pem });
  if (terms.alb !== undefined) return new Map([[terms.keysPath + signer.kid, pem]]);
  const discovery: Door = ({ origin }) =>
    json({
      issuer: terms.issuer,
      jwks_uri: origin + terms.keysPath,
      id_token_signing_alg_values_supported: [terms.alg],
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
    });
  return new Map([
    [terms.keysPath, jwks],
    [`${ELSEWHERE}/.well-known/openid-configuration`, discovery],
  ]);
}
