// The operator's word and the preset's, made into options that are whole, or into every problem at
// once. Fills in what was left out, never grants trust, and insists on the preset's proof.

import { PRESET_NAMES, type PresetName } from '../../protocol/presets.ts';
import { fillAssertion, type GivenAssertion } from '../assertion/fill.ts';
import type { CommonOptions, TrustOptions, UpstreamOptions } from '../options.ts';
import { findOptionProblems } from '../problems.ts';
import { fillHeaders, type GivenHeaders } from './headers.ts';
import type { Preset, PresetUrls } from './preset.ts';
import { PRESETS } from './table.ts';

/** `null` keeps the preset from filling it in. */
type GivenUrls = { readonly [Name in keyof PresetUrls]?: PresetUrls[Name] | null };

/** What the operator said, before the preset. */
export type PresetInput = CommonOptions & {
  readonly headers?: GivenHeaders | undefined;
  readonly assertion?: GivenAssertion | undefined;
  readonly urls?: GivenUrls | undefined;
};

export type Resolution =
  | {
      readonly kind: 'resolved';
      readonly options: UpstreamOptions;
      readonly urls: PresetUrls;
    }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

const refused = (problems: readonly string[]): Resolution => ({ kind: 'refused', problems });

export const isPresetName = (name: string): name is PresetName => Object.hasOwn(PRESETS, name);

/** Every problem of what the operator and the preset say together. */
export function resolvePreset(name: string, input: PresetInput): Resolution {
  if (!isPresetName(name)) {
    return refused([`upstream.preset: has to be one of ${PRESET_NAMES.join(', ')}`]);
  }
  const preset = PRESETS[name];
  const { urls, ...given } = input;
  const filled = fill(name, preset, given);
  const unproven = findMissingProof(name, preset, input.trust);
  if (filled.options === undefined) return refused([...unproven, ...filled.problems]);
  const problems = [...unproven, ...findOptionProblems(filled.options)];
  if (problems.length > 0) return refused(problems);
  return {
    kind: 'resolved',
    options: filled.options,
    urls: fillUrls(preset.urls ?? {}, urls ?? {}),
  };
}

const findMissingProof = (
  name: string,
  { proof }: Preset,
  trust: TrustOptions,
): readonly string[] =>
  proof.suffices(trust) ? [] : [`upstream.trust: the preset ${name} needs ${proof.needs}`];

type Filled =
  | { readonly options: UpstreamOptions }
  | { readonly options?: undefined; readonly problems: readonly string[] };

/** Plain headers and an assertion exclude each other, and a preset knows one of them. */
function fill(
  name: string,
  { source }: Preset,
  { headers, assertion, ...common }: PresetInput,
): Filled {
  if (headers !== undefined && assertion !== undefined) {
    const problem =
      'upstream.headers: plain headers are not read beside an assertion; remove one of the two';
    return { problems: [problem] };
  }
  if (source.kind === 'assertion') {
    if (headers === undefined) return fillSigned(source, assertion ?? {}, common);
    return {
      problems: [`upstream.headers: the preset ${name} reads an assertion, and no plain headers`],
    };
  }
  if (assertion === undefined) {
    return { options: { ...common, headers: fillHeaders(source, headers) } };
  }
  if (!source.orAssertion) {
    return { problems: [`upstream.assertion: the preset ${name} reads plain headers`] };
  }
  return toFilled(fillAssertion({}, assertion), common);
}

function fillSigned(
  source: Extract<Preset['source'], { kind: 'assertion' }>,
  given: GivenAssertion,
  common: CommonOptions,
): Filled {
  const derived = source.derive?.({ ...source.assertion, ...given }) ?? {};
  const base = { ...derived, ...source.assertion };
  const missing = Object.entries(source.needs).flatMap(([member, sentence]) =>
    isSaid(member, given) || isSaid(member, base) ? [] : [`${keyOf(member, source)}: ${sentence}`],
  );
  return missing.length > 0 ? { problems: missing } : toFilled(fillAssertion(base, given), common);
}

const isSaid = (member: string, said: GivenAssertion): boolean =>
  new Map(Object.entries(said)).get(member) !== undefined;

/** Load balancers of AWS have keys of their own kind. */
const keyOf = (
  member: string,
  { needs }: Extract<Preset['source'], { kind: 'assertion' }>,
): string => {
  if (member !== 'keys') return `upstream.assertion.${member}`;
  return `upstream.assertion.${needs.issuer === undefined ? 'alb' : 'jwks_uri'}`;
};

function toFilled(filled: ReturnType<typeof fillAssertion>, common: CommonOptions): Filled {
  return typeof filled === 'string'
    ? { problems: [filled] }
    : { options: { ...common, assertion: filled } };
}

function fillUrls(preset: PresetUrls, given: GivenUrls): PresetUrls {
  const one = (name: keyof PresetUrls): string | undefined => {
    const own = given[name];
    return own === null ? undefined : (own ?? preset[name]);
  };
  return {
    loginUrl: one('loginUrl'),
    logoutUrl: one('logoutUrl'),
    reauthenticateUrl: one('reauthenticateUrl'),
  };
}
