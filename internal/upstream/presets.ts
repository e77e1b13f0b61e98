// What well-known proxies call their headers, and the least proof each of them has to give. A preset
// only fills in what the operator left out; it never grants trust.

import { fillAssertion, type GivenAssertion } from './assertion/fill.ts';
import type {
  CommonOptions,
  EmailOptions,
  FieldOptions,
  HeaderOptions,
  ListOptions,
  TrustOptions,
  UpstreamOptions,
} from './options.ts';
import { findOptionProblems } from './problems.ts';

type Preset = (
  | {
      readonly headers: HeaderOptions;
      readonly assertion?: undefined;
      /**
       * The proxy itself removes a client's copies of all of these. Otherwise a header that the
       * operator did not mention may be one that their proxy does not set, and the client does.
       */
      readonly scrubs: boolean;
    }
  /** What is not here, such as the audience, only the operator can know. */
  | { readonly headers?: undefined; readonly assertion: GivenAssertion }
) & {
  /** A sentence about the proof that is missing. */
  readonly findMissingProof: (trust: TrustOptions) => string | undefined;
};

const displayField = (name: string): FieldOptions => ({
  name,
  encoding: 'utf-8',
  onInvalid: 'drop',
});

/** Adding a preset: its entry here, and a request of that proxy in its test. */
export const PRESETS: ReadonlyMap<string, Preset> = new Map<string, Preset>([
  [
    'custom',
    {
      headers: {
        subject: { name: 'X-Authenticated-User' },
        email: { name: 'X-Authenticated-Email', verified: false },
        name: displayField('X-Authenticated-Name'),
        groups: { name: 'X-Authenticated-Groups', format: 'csv' },
      },
      scrubs: false,
      findMissingProof: () => undefined,
    },
  ],
  [
    'oauth2-proxy',
    {
      headers: {
        subject: { name: 'X-Forwarded-User' },
        email: { name: 'X-Forwarded-Email', verified: false },
        preferredUsername: displayField('X-Forwarded-Preferred-Username'),
        groups: { name: 'X-Forwarded-Groups', format: 'csv' },
      },
      scrubs: true,
      // Other proxies send X-Forwarded-User too: an address alone does not say which one spoke.
      findMissingProof: ({ unixSocket, secret }) =>
        unixSocket === true || secret !== undefined
          ? undefined
          : 'the preset oauth2-proxy needs unix_socket, or a secret from injectRequestHeaders',
    },
  ],
]);

/** A field as the operator wrote it: parts of it, or null for "do not read this header". */
type Given<Field> = Parts<Field> | null | undefined;

type Parts<Field> = { readonly [Name in keyof Field]?: Field[Name] | undefined };

type GivenHeaders = {
  readonly [Name in Exclude<keyof HeaderOptions, 'extra' | 'subject'>]?: Given<
    NonNullable<HeaderOptions[Name]>
  >;
} & {
  readonly subject?: Parts<HeaderOptions['subject']> | undefined;
  readonly extra?: HeaderOptions['extra'];
};

/** What the operator said, before the preset. */
export type PresetInput = CommonOptions & {
  readonly headers?: GivenHeaders | undefined;
  readonly assertion?: GivenAssertion | undefined;
};

export type Resolution =
  | { readonly kind: 'resolved'; readonly options: UpstreamOptions }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

const refused = (problems: readonly string[]): Resolution => ({ kind: 'refused', problems });

/** Fills in a preset's defaults and checks the whole; every problem at once. */
export function resolvePreset(name: string, input: PresetInput): Resolution {
  const preset = PRESETS.get(name);
  if (preset === undefined) {
    return refused([`upstream.preset: has to be one of ${[...PRESETS.keys()].join(', ')}`]);
  }
  const options = fill(preset, input);
  if (typeof options === 'string') return refused([options]);
  const missingProof = preset.findMissingProof(input.trust);
  const problems = [
    ...(missingProof === undefined ? [] : [`upstream.trust: ${missingProof}`]),
    ...findOptionProblems(options),
  ];
  return problems.length > 0 ? refused(problems) : { kind: 'resolved', options };
}

/** The options, or why there are none: plain headers and an assertion exclude each other. */
function fill(preset: Preset, input: PresetInput): UpstreamOptions | string {
  const { headers, assertion, ...common } = input;
  if (headers !== undefined && (assertion ?? preset.assertion) !== undefined) {
    return 'upstream.headers: plain headers are not read beside an assertion; remove one of the two';
  }
  if (assertion === undefined && preset.assertion === undefined) {
    return { ...common, headers: fillHeaders(preset, headers) };
  }
  const filled = fillAssertion(preset.assertion ?? {}, assertion ?? {});
  return typeof filled === 'string' ? filled : { ...common, assertion: filled };
}

function fillHeaders(
  preset: Extract<Preset, { readonly headers: HeaderOptions }>,
  given: GivenHeaders | undefined,
): HeaderOptions {
  const { headers } = preset;
  if (given === undefined) return headers;
  const fillsAll = preset.scrubs;
  const field = (own: Given<FieldOptions>, base?: FieldOptions): FieldOptions | undefined =>
    isRead(own, base, fillsAll) ? fillField(own, base) : undefined;
  const list = (own: Given<ListOptions>, base?: ListOptions): ListOptions | undefined =>
    isRead(own, base, fillsAll) ? fillList(own, base) : undefined;
  const email = isRead(given.email, headers.email, fillsAll);
  return {
    subject: fillField(given.subject, headers.subject),
    email: email ? fillEmail(given.email, headers.email) : undefined,
    preferredUsername: field(given.preferredUsername, headers.preferredUsername),
    name: field(given.name, headers.name),
    groups: list(given.groups, headers.groups),
    authTime: field(given.authTime, headers.authTime),
    acr: field(given.acr, headers.acr),
    amr: list(given.amr, headers.amr),
    sid: field(given.sid, headers.sid),
    extra: given.extra ?? headers.extra,
  };
}

const isRead = (own: Given<object>, base: object | undefined, fillsAll: boolean): boolean =>
  own === undefined ? fillsAll && base !== undefined : own !== null;

const fillField = (own: Given<FieldOptions>, base?: FieldOptions): FieldOptions => ({
  name: own?.name ?? base?.name ?? '',
  encoding: own?.encoding ?? base?.encoding,
  pattern: own?.pattern ?? base?.pattern,
  onInvalid: own?.onInvalid ?? base?.onInvalid,
});

const fillEmail = (own: Given<EmailOptions>, base?: EmailOptions): EmailOptions => ({
  ...fillField(own, base),
  verified: own?.verified ?? base?.verified,
});

const fillList = (own: Given<ListOptions>, base?: ListOptions): ListOptions => ({
  ...fillField(own, base),
  format: own?.format ?? base?.format,
  allow: own?.allow ?? base?.allow,
  prefix: own?.prefix ?? base?.prefix,
});
