// Resolved options → the setting that generators read.

import { listHeaders, type UpstreamOptions } from '../options.ts';
import {
  type Address,
  type AuthService,
  type IdentityHeader,
  patternOf,
  type Setting,
} from './setting.ts';

export type SettingTerms = {
  readonly preset: string;
  readonly issuer: string;
  readonly options: UpstreamOptions;
  readonly browserPaths: readonly string[];
  readonly signOutPaths: readonly string[];
  readonly openPaths: readonly string[];
  readonly registrationPaths: readonly string[];
  readonly checkPaths: readonly string[];
  readonly open: Address;
  readonly browser: Address | undefined;
  /** Undefined: `/run/secrets/upstream`. */
  readonly secretFile: string | undefined;
  readonly auth: AuthService | undefined;
  readonly loginUrl: string | undefined;
};

export function makeSetting(terms: SettingTerms): Setting {
  const { options, browserPaths, signOutPaths, auth } = terms;
  const { origin, host, protocol, port } = new URL(terms.issuer);
  const isHttps = protocol === 'https:';
  const { secret, mtls } = options.trust;
  const identity = identityHeaders(options, auth);
  const rejected = options.assertion?.rejectPlainHeaders ?? [];
  const names = [...identity.map(({ name }) => name), ...rejected];
  return {
    preset: terms.preset,
    issuer: terms.issuer,
    origin,
    host,
    isHttps,
    port: port === '' ? (isHttps ? 443 : 80) : Number(port),
    browserPaths,
    browserPattern: patternOf(browserPaths),
    signOutPaths,
    signInPaths: browserPaths.filter((path) => !signOutPaths.includes(path)),
    openPaths: terms.openPaths,
    registrationPaths: terms.registrationPaths,
    checkPaths: terms.checkPaths,
    open: terms.open,
    browser: terms.browser ?? terms.open,
    isSplit: terms.browser !== undefined,
    identity,
    scrubbed: [
      ...names.filter((name) => name.toLowerCase() !== 'authorization'),
      ...(secret === undefined ? [] : [secret.header]),
    ],
    secretHeader: secret?.header,
    secretFile: terms.secretFile ?? '/run/secrets/upstream',
    isMutual: mtls !== undefined,
    auth,
    signsIn: terms.loginUrl !== undefined,
    assertion: options.assertion,
    options,
  };
}

function identityHeaders(
  { headers, assertion }: UpstreamOptions,
  auth: AuthService | undefined,
): readonly IdentityHeader[] {
  if (assertion !== undefined) {
    const from = auth?.answers['assertion'];
    return [{ attribute: 'assertion', name: assertion.header, from }];
  }
  return listHeaders(headers).map(({ attribute, field: { name } }) => ({
    attribute,
    name,
    from: findAnswer(auth, attribute, name),
  }));
}

/** The answer of that very name where there is one: who chose it as the subject means it. */
function findAnswer(
  auth: AuthService | undefined,
  attribute: string,
  name: string,
): string | undefined {
  const { answers = {} } = auth ?? {};
  const same = Object.values(answers).find((one) => one.toLowerCase() === name.toLowerCase());
  return same ?? (Object.hasOwn(answers, attribute) ? answers[attribute] : undefined);
}
