// Whether what a client is told can be signed and encrypted as its metadata says.

import type { ClientMetadata } from '../client.ts';
import type { Finding } from '../finding.ts';
import { KEY_FORMS } from '../sections/client-keys.ts';

const ENCRYPTED = ['id_token', 'userinfo', 'introspection'] as const;

export const findTokenProblems = (client: ClientMetadata): readonly Finding[] => [
  ...ENCRYPTED.flatMap((what) => findEncryptionProblems(client, what)),
  ...client.id_token_audience.flatMap((name, index, all) =>
    name === client.client_id || all.indexOf(name) < index
      ? [{ path: ['id_token_audience', index], problem: 'is in the audience already; remove it' }]
      : [],
  ),
];

function findEncryptionProblems(
  client: ClientMetadata,
  what: (typeof ENCRYPTED)[number],
): readonly Finding[] {
  const alg = client[`${what}_encrypted_response_alg`];
  const found: Finding[] = [];
  const say = (member: string, problem: string) => found.push({ path: [member], problem });
  if (alg === undefined) {
    if (client[`${what}_encrypted_response_enc`] !== undefined) {
      const problem = `is of no use without ${what}_encrypted_response_alg; remove it`;
      say(`${what}_encrypted_response_enc`, problem);
    }
    return found;
  }
  // Anybody can encrypt to a public key: without a signature nobody could tell who did.
  if (what !== 'id_token' && client[`${what}_signed_response_alg`] === undefined) {
    say(`${what}_encrypted_response_alg`, `needs ${what}_signed_response_alg; add it`);
  }
  if (KEY_FORMS.every((form) => client[form] === undefined)) {
    say(`${what}_encrypted_response_alg`, `needs keys; add one of ${KEY_FORMS.join(', ')}`);
  }
  if (client.jwks?.keys.every((key) => !isFor(key, alg))) {
    say(
      `${what}_encrypted_response_alg`,
      'fits no key of jwks; add one that is not for signatures',
    );
  }
  return found;
}

/** What can be told at once; the rest is said when the key is looked for. */
const isFor = ({ kty, use }: Readonly<Record<string, unknown>>, alg: string): boolean =>
  use !== 'sig' && (kty === 'RSA') === alg.startsWith('RSA-');
