// Whether a client's certificate can be recognised: by one name for a CA's, by its keys for its own.

import type { ClientMetadata } from '../client.ts';
import type { Finding, Path } from '../finding.ts';
import { KEY_FORMS } from '../sections/client-keys.ts';
import { CERTIFICATE_NAMES } from '../sections/client-tls.ts';
import type { ClientCertificates } from '../sections/mtls.ts';

const METHOD = 'token_endpoint_auth_method';
const BOUND = 'tls_client_certificate_bound_access_tokens';
const WAYS = 'set listen.mtls or mtls.proxy in asteroid.yaml';

const say = (problem: string, ...path: Path): readonly Finding[] => [{ path, problem }];

/** @param certificates what arrives of them here, or the most of it where that could not be read. */
export function findTlsProblems(
  client: ClientMetadata,
  certificates: ClientCertificates,
): readonly Finding[] {
  const method = client.token_endpoint_auth_method;
  return [
    ...findNameProblems(client),
    ...(method === 'tls_client_auth' && certificates !== 'verified'
      ? say('needs a CA for clients; set listen.mtls.tls.client_ca_file or mtls.proxy', METHOD)
      : []),
    ...(method === 'self_signed_tls_client_auth' ? findOwnProblems(client, certificates) : []),
    ...(/^(?:self_signed_)?tls_client_auth$/.test(method) ? findSecretProblems(client) : []),
    ...(client[BOUND] && client.dpop_bound_access_tokens
      ? say('cannot be combined with dpop_bound_access_tokens; remove one of the two', BOUND)
      : []),
    ...(client[BOUND] && certificates === 'none'
      ? say(`needs certificates of clients; ${WAYS}`, BOUND)
      : []),
  ];
}

function findNameProblems(client: ClientMetadata): readonly Finding[] {
  const [first, ...others] = CERTIFICATE_NAMES.filter((key) => client[key] !== undefined);
  if (client.token_endpoint_auth_method !== 'tls_client_auth') {
    return first === undefined
      ? []
      : say(`is of no use without ${METHOD}: tls_client_auth; remove it`, first);
  }
  if (first === undefined) {
    return say(
      `has to say whose certificate counts; add one of ${CERTIFICATE_NAMES.join(', ')}`,
      METHOD,
    );
  }
  // RFC 8705 §2.1.2: exactly one.
  return others.flatMap((key) =>
    say(`cannot be combined with ${first}; remove one of the two`, key),
  );
}

function findOwnProblems(
  client: ClientMetadata,
  certificates: ClientCertificates,
): readonly Finding[] {
  return [
    ...(certificates === 'none' ? say(`needs certificates of clients; ${WAYS}`, METHOD) : []),
    ...(KEY_FORMS.every((form) => client[form] === undefined)
      ? say(`has to say which certificate counts; add one of ${KEY_FORMS.join(', ')}`, METHOD)
      : []),
  ];
}

const SECRETS = ['client_secret', 'client_secret_hash', 'client_secret_file'] as const;

/** A client has one way to authenticate, and must not seem to have another. */
const findSecretProblems = (client: ClientMetadata): readonly Finding[] =>
  [
    ...SECRETS.filter((key) => client[key] !== undefined),
    ...(client.client_secrets.length > 0 ? ['client_secrets'] : []),
  ].flatMap((key) =>
    say(`is of no use with ${METHOD}: ${client.token_endpoint_auth_method}; remove it`, key),
  );
