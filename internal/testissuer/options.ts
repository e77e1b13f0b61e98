// What a test says when it asks for an issuer, as the configuration that comes of it.

import { readYaml } from '../loader/read.ts';
import type { Metadata, TestIssuerOptions } from './api.ts';
import { trueClock } from './clock.ts';
import { copy, createReadYaml, placeOf } from './documents.ts';
import type { EngineTerms, Source } from './engine.ts';
import { checkMembers } from './members.ts';
import { Misuse } from './misuse.ts';
import { readTestUsers } from './users.ts';

/** What a test issuer decides by itself, and what to use instead. */
const OWN: ReadonlyMap<string, string> = new Map([
  ['issuer', 'is the `url` of the issuer'],
  ['listen', 'is a free port of 127.0.0.1; use `port` for another one'],
  ['clients', 'stands beside `config`, as `clients`'],
  ['workers', 'cannot be more than one'],
]);

const MEMBERS = [
  'clients',
  'users',
  'config',
] as const satisfies readonly (keyof TestIssuerOptions)[];

/** Throws `Misuse` for an option that there is not. */
export const checkRootOptions = (options: TestIssuerOptions): void =>
  checkMembers('startTestIssuer', options, [...MEMBERS, 'port']);

/** The same of an isolated issuer, which listens to no port of its own. */
export const checkIsolatedOptions = (options: Omit<TestIssuerOptions, 'port'>): void =>
  checkMembers('test', options, MEMBERS);

/** Throws `Misuse` for a section that is not the test's to write. */
function checkSections(config: Metadata): void {
  const section = Object.keys(config).find((name) => OWN.has(name));
  if (section === undefined) return;
  throw new Misuse(`config.${section}: ${OWN.get(section)}; leave it out`);
}

/** @param url where it will be listened for. */
export function toRootTerms(
  { clients = [], users = [], config = {} }: TestIssuerOptions,
  url: string,
): EngineTerms {
  checkSections(config);
  const asteroid = {
    issuer: url,
    listen: { public: { port: Number(new URL(url).port) } },
    clients: { file: 'clients' },
    // What a proxy says of an End-User counts beside what `users` says.
    userinfo: { backends: [{ type: 'headers' }] },
    keys: { source: 'ephemeral' },
    ...config,
  };
  const documents = new Map<string, Metadata>([
    ['config', asteroid],
    ['clients', { clients: [] }],
  ]);
  return {
    source: { files: [placeOf('config')], env: {}, readYaml: createReadYaml(documents, readYaml) },
    system: trueClock,
    clients: { given: copy(clients), changed: new Map() },
    ...readTestUsers('users', users),
    hidesOthers: config['userinfo'] === undefined,
  };
}

/** What of the root is not said otherwise. @param url that of the new one. */
export function toIsolatedTerms(
  { clients, users, config = {} }: Omit<TestIssuerOptions, 'port'>,
  root: EngineTerms,
  url: string,
): EngineTerms {
  checkSections(config);
  const { source } = root;
  const documents = new Map<string, Metadata>([['config of test', { issuer: url, ...config }]]);
  return {
    ...root,
    source: {
      files: [...source.files, placeOf('config of test')],
      env: withIssuer(source.env, url),
      readYaml: createReadYaml(documents, source.readYaml),
    },
    ...(clients === undefined ? {} : { clients: { given: copy(clients), changed: new Map() } }),
    ...(users === undefined ? {} : { ...readTestUsers('users', users), hidesOthers: true }),
  };
}

/** The environment goes before files, and would say of both issuers that they are the root. */
const withIssuer = (env: Source['env'], url: string): Source['env'] =>
  'ASTEROID_ISSUER' in env ? { ...env, ASTEROID_ISSUER: url } : env;
