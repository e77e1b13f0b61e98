// Whether what a client has to do with its authorization requests can be done.

import { UNSIGNED } from '../../protocol/client-requests.ts';
import type { ClientMetadata } from '../client.ts';
import type { Finding } from '../finding.ts';
import { KEY_FORMS } from '../sections/client-keys.ts';

/** @param detailsTypes declared by the issuer. */
export function findRequestProblems(
  client: ClientMetadata,
  detailsTypes: ReadonlySet<string> | undefined,
): readonly Finding[] {
  return [
    ...findObjectProblems(client),
    ...(detailsTypes === undefined ? [] : findDetailsProblems(client, detailsTypes)),
  ];
}

const REQUIRE = 'require_signed_request_object';

function findObjectProblems(client: ClientMetadata): readonly Finding[] {
  const alg = client.request_object_signing_alg;
  const hasKeys = KEY_FORMS.some((form) => client[form] !== undefined);
  if (client[REQUIRE] && (alg === undefined || alg === UNSIGNED)) {
    const problem = 'needs a request_object_signing_alg other than none; add it';
    return [{ path: [REQUIRE], problem }];
  }
  if (alg === undefined || alg === UNSIGNED || hasKeys) return [];
  const problem = `needs the keys that it signs with; add one of ${KEY_FORMS.join(', ')}`;
  return [{ path: ['request_object_signing_alg'], problem }];
}

const findDetailsProblems = (
  { authorization_details_types: types }: ClientMetadata,
  declared: ReadonlySet<string>,
): readonly Finding[] =>
  types.flatMap((type, index) =>
    declared.has(type)
      ? []
      : [
          {
            path: ['authorization_details_types', index],
            problem: 'is not declared; add it to authorization_details_types of asteroid.yaml',
          },
        ],
  );
