// The files that userinfo backends name, by the type of the backend.

import type { Config } from '../config/config.ts';
import type { Path } from '../config/finding.ts';
import type { Resolve } from './paths.ts';

type Backend = Config['userinfo']['backends'][number];
type Of<Type extends Backend['type']> = Extract<Backend, { readonly type: Type }>;

/** Secrets and certificates, which have to be there; a users file may come later. */
export function listBackendFiles(
  backend: Backend,
): readonly (readonly [file: string | undefined, path: Path])[] {
  switch (backend.type) {
    case 'yaml':
    case 'headers':
    case 'store':
      return [];
    case 'http':
      return listHttp(backend);
    case 'scim':
      return [
        ...listHttp(backend),
        [backend.ca_file, ['ca_file']],
        [backend.oauth?.client_secret_file, ['oauth', 'client_secret_file']],
      ];
    case 'ldap':
      return [...listTls(backend), [backend.bind?.password_file, ['bind', 'password_file']]];
    case 'sql':
      return [...listTls(backend), [backend.password_file, ['password_file']]];
    default:
      return backend satisfies never;
  }
}

const listHttp = ({ bearer_file, basic }: Pick<Of<'http'>, 'bearer_file' | 'basic'>) =>
  [
    [bearer_file, ['bearer_file']],
    [basic?.password_file, ['basic', 'password_file']],
  ] as const;

const listTls = ({ tls }: Pick<Of<'ldap'>, 'tls'>) =>
  [
    [tls?.ca_file, ['tls', 'ca_file']],
    [tls?.cert_file, ['tls', 'cert_file']],
    [tls?.key_file, ['tls', 'key_file']],
  ] as const;

/** A backend with every name of a file absolute. */
export const createBackendResolve =
  (resolve: Resolve) =>
  (backend: Backend, index: number): Backend => {
    const at: Path = ['userinfo', 'backends', index];
    switch (backend.type) {
      case 'yaml':
        return { ...backend, file: resolve(backend.file, ...at, 'file') };
      case 'headers':
      case 'store':
        return backend;
      case 'http':
        return { ...backend, ...resolveHttp(backend, resolve, at) };
      case 'scim':
        return {
          ...backend,
          ...resolveHttp(backend, resolve, at),
          ca_file: resolve(backend.ca_file, ...at, 'ca_file'),
          oauth: backend.oauth && {
            ...backend.oauth,
            client_secret_file: resolve(
              ...([
                backend.oauth.client_secret_file,
                ...at,
                'oauth',
                'client_secret_file',
              ] as const),
            ),
          },
        };
      case 'ldap':
        return {
          ...backend,
          tls: resolveTls(backend.tls, resolve, at),
          bind: backend.bind && {
            ...backend.bind,
            password_file: resolve(backend.bind.password_file, ...at, 'bind', 'password_file'),
          },
        };
      case 'sql':
        return {
          ...backend,
          tls: resolveTls(backend.tls, resolve, at),
          password_file: resolve(backend.password_file, ...at, 'password_file'),
        };
      default:
        return backend satisfies never;
    }
  };

function resolveHttp(
  { bearer_file, basic }: Pick<Of<'http'>, 'bearer_file' | 'basic'>,
  resolve: Resolve,
  at: Path,
) {
  return {
    bearer_file: resolve(bearer_file, ...at, 'bearer_file'),
    basic: basic && {
      ...basic,
      password_file: resolve(basic.password_file, ...at, 'basic', 'password_file'),
    },
  };
}

const resolveTls = (tls: Of<'ldap'>['tls'], resolve: Resolve, at: Path) =>
  tls && {
    ca_file: resolve(tls.ca_file, ...at, 'tls', 'ca_file'),
    cert_file: resolve(tls.cert_file, ...at, 'tls', 'cert_file'),
    key_file: resolve(tls.key_file, ...at, 'tls', 'key_file'),
  };
