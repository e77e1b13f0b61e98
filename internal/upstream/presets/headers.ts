// What the operator left out of `upstream.headers`, filled in from the preset.

import type { EmailOptions, FieldOptions, HeaderOptions, ListOptions } from '../options.ts';

/** A field as the operator wrote it: parts of it, or null for "do not read this header". */
type Given<Field> = Parts<Field> | null | undefined;

type Parts<Field> = { readonly [Name in keyof Field]?: Field[Name] | undefined };

export type GivenHeaders = {
  readonly [Name in Exclude<keyof HeaderOptions, 'extra' | 'subject'>]?: Given<
    NonNullable<HeaderOptions[Name]>
  >;
} & {
  readonly subject?: Parts<HeaderOptions['subject']> | undefined;
  readonly extra?: HeaderOptions['extra'];
};

type Base = { readonly headers: HeaderOptions; readonly scrubs: boolean };

/** A preset whose proxy does not scrub fills in no field that the operator did not mention. */
export function fillHeaders(
  { headers, scrubs: fillsAll }: Base,
  given: GivenHeaders | undefined,
): HeaderOptions {
  if (given === undefined) return headers;
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
