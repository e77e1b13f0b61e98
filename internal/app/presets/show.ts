// What `asteroid preset` prints: the resolved `upstream` section, and the lines of the proxy that belong
// to it. Both come from one resolution, so that neither can say what the other does not.

import { readConfig } from '../../config/checks/checks.ts';
import type { Config } from '../../config/config.ts';
import { isSocket, type Listener } from '../../config/sections/listen.ts';
import { buildTable, type PathEntry } from '../../http/routes.ts';
import { PRESET_NAMES, type PresetName } from '../../protocol/presets.ts';
import { makeSetting } from '../../upstream/lines/make-setting.ts';
import type { Address, AuthService } from '../../upstream/lines/setting.ts';
import { isPresetName } from '../../upstream/presets/resolve.ts';
import { PRESETS } from '../../upstream/presets/table.ts';
import { AssemblyError, type ResolvedUpstream, resolveUpstream } from '../upstream-options.ts';
import { renderUpstream } from './render-upstream.ts';

export type PresetChoice = {
  readonly preset: string;
  /** Undefined: the usual one of the preset. */
  readonly proxy?: string | undefined;
  /** URL of the auth service as the proxy reaches it; undefined: its usual port on loopback. */
  readonly authService?: string | undefined;
};

export type ShownPreset = {
  /** `upstream:` and what belongs below it. */
  readonly upstream: string;
  readonly proxy: string;
};

/** A row of `asteroid preset list`. */
export type PresetRow = {
  readonly name: PresetName;
  readonly source: string;
  readonly proof: string;
  readonly about: string;
};

export const listPresets = (): readonly PresetRow[] =>
  PRESET_NAMES.map((name) => {
    const { source, proof, about } = PRESETS[name];
    return { name, source: source.kind, proof: proof.needs, about };
  });

/**
 * @param config undefined: placeholders for what only the operator knows. Throws `AssemblyError` for a
 * preset or a proxy that is not there, and for a configuration that contradicts itself.
 */
export function showPreset(choice: PresetChoice, config: Config | undefined): ShownPreset {
  const { preset: name } = choice;
  if (!isPresetName(name)) {
    throw new AssemblyError(`there is no preset ${name}; there are ${PRESET_NAMES.join(', ')}`);
  }
  const given = config ?? exampleOf(name);
  const chosen: Config = { ...given, upstream: { ...given.upstream, preset: name } };
  const resolved = resolve(chosen);
  return {
    upstream: renderUpstream(chosen.upstream, resolved),
    proxy: renderLines(name, choice, chosen, resolved),
  };
}

/** What no secret and no key has to be read for. */
const resolve = ({ upstream }: Config): ResolvedUpstream =>
  resolveUpstream(upstream, { secrets: () => [], assertionKeys: () => '', trustsLoopback: false });

/** The preset with its placeholders. */
export const resolveExample = (preset: PresetName): ResolvedUpstream => resolve(exampleOf(preset));

const ISSUER = 'https://sso.example.com';

/** The reference configuration, with the placeholders of the preset. */
function exampleOf(preset: PresetName): Config {
  const { trust, assertion, listen = {} } = PRESETS[preset].example;
  const upstream = { preset, trust, ...(assertion === undefined ? {} : { assertion }) };
  const tree = { issuer: ISSUER, listen, upstream };
  const { config, problems } = readConfig(tree, { mode: 'serve', exposed: false });
  if (problems.length > 0) {
    throw new AssemblyError(
      problems.map(({ path, problem }) => `${path.join('.')}: ${problem}`).join('\n'),
    );
  }
  return config;
}

function renderLines(
  name: PresetName,
  { proxy, authService }: PresetChoice,
  config: Config,
  { options, urls }: ResolvedUpstream,
): string {
  const preset = PRESETS[name];
  const [usual = ''] = Object.keys(preset.lines);
  const generate = Object.hasOwn(preset.lines, proxy ?? usual)
    ? preset.lines[proxy ?? usual]
    : undefined;
  if (generate === undefined) {
    const known = Object.keys(preset.lines).join(', ');
    throw new AssemblyError(
      `the preset ${name} has no lines for ${proxy}; it has them for ${known}`,
    );
  }
  const { browser } = config.listen;
  const lines = generate(
    makeSetting({
      preset: name,
      issuer: config.issuer,
      options,
      browserPaths: pathsOf(config.issuer, 'browser', isProxied),
      signOutPaths: pathsOf(config.issuer, 'browser', endsSession),
      openPaths: pathsOf(config.issuer, 'back', isForClients),
      registrationPaths:
        config.registration === undefined ? [] : pathsOf(config.issuer, 'back', isForNewcomers),
      checkPaths: config.check.enabled ? pathsOf(config.issuer, 'back', isForProxies) : [],
      open: toAddress(config.listen.public),
      browser: browser === undefined ? undefined : toAddress(browser),
      secretFile: config.upstream.trust.secret?.files[0],
      auth: reached(preset.auth, authService),
      loginUrl: urls.loginUrl,
    }),
  );
  if (lines.kind === 'impossible') throw new AssemblyError(`${name}: ${lines.problem}`);
  return lines.text;
}

type Endpoint = PathEntry['endpoint'];

/** The chooser is not behind a proxy: it is there when there is none. */
const isProxied = (endpoint: Endpoint): boolean => endpoint !== 'choose';
const isForProxies = (endpoint: Endpoint): boolean => endpoint === 'check';
const isForNewcomers = (endpoint: Endpoint): boolean => endpoint === 'register';
const isForClients = (endpoint: Endpoint): boolean =>
  !isForProxies(endpoint) && !isForNewcomers(endpoint) && endpoint !== 'registeredClient';
const endsSession = (endpoint: Endpoint): boolean =>
  endpoint === 'endSession' || endpoint === 'signOut';

const pathsOf = (
  issuer: string,
  group: 'browser' | 'back',
  isMeant: (endpoint: Endpoint) => boolean,
): readonly string[] =>
  [...buildTable(issuer, group)].flatMap(([path, { endpoint }]) =>
    isMeant(endpoint) ? [path] : [],
  );

/** Such a path goes into files of many languages, each with quotes of its own. */
const PLAIN_PATH = /^[A-Za-z0-9/._-]+$/;

function toAddress(listener: Listener): Address {
  const tls = listener.tls !== undefined;
  if (!isSocket(listener)) {
    return { kind: 'tcp', host: listener.host, port: listener.port, tls };
  }
  if (!PLAIN_PATH.test(listener.socket)) {
    throw new AssemblyError(
      `the socket ${listener.socket} has characters that proxies quote differently`,
    );
  }
  return { kind: 'unix', path: listener.socket, tls };
}

function reached(auth: AuthService | undefined, url: string | undefined): AuthService | undefined {
  if (auth === undefined || url === undefined) return auth;
  if (!/^http:\/\/[A-Za-z0-9.-]+:\d+$/.test(url)) {
    throw new AssemblyError('the auth service has to be like http://127.0.0.1:4180');
  }
  return { ...auth, address: url };
}
