// Whether those who may register clients are known, and what follows where they are not.

import type { Config } from '../config.ts';
import { type Check, problem, type Remark, warning } from './remark.ts';

const AT = 'registration';

/** Need words of the operator's about one client, which no client may say of itself. */
const OPERATORS_GRANTS: readonly string[] = [
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
];
const OPERATORS_METHODS: readonly string[] = ['kubernetes_service_account', 'spiffe_jwt'];

export const registrationCheck: Check = {
  reads: [AT, 'scopes'],
  find: ({ registration: given, scopes }) =>
    given === undefined
      ? []
      : [
          ...findAdmission(given),
          ...findTwins(given),
          ...findWords(given),
          ...findScopeProblems(given, scopes),
        ],
};

type Given = NonNullable<Config['registration']>;

function findAdmission({ open, initial_access_tokens: tokens }: Given): readonly Remark[] {
  if (open && tokens.length > 0) {
    return [problem([AT, 'open'], 'makes initial_access_tokens useless; remove one of the two')];
  }
  if (open) {
    const text =
      'lets anybody register clients, which may then ask your End-Users to sign in; use initial_access_tokens';
    return [warning([AT, 'open'], text)];
  }
  return tokens.length > 0
    ? []
    : [
        problem(
          [AT],
          'lets nobody register; add initial_access_tokens, or open: true to let everybody',
        ),
      ];
}

const findTwins = ({ software_statements: statements }: Given): readonly Remark[] =>
  statements.flatMap(({ issuer }, index) =>
    statements.findIndex((other) => other.issuer === issuer) < index
      ? [problem([AT, 'software_statements', index, 'issuer'], 'is listed twice; remove one')]
      : [],
  );

const findWords = (given: Given): readonly Remark[] => [
  ...findOperatorsWords(given.grant_types, OPERATORS_GRANTS, 'grant_types'),
  ...findOperatorsWords(
    given.token_endpoint_auth_methods,
    OPERATORS_METHODS,
    'token_endpoint_auth_methods',
  ),
];

/** A scope that is for some clients is for none of these: nobody knows their ids before. */
const findScopeProblems = ({ scope }: Given, scopes: Config['scopes']): readonly Remark[] =>
  scope
    .split(' ')
    .filter((name) => Object.hasOwn(scopes, name) && scopes[name]?.clients !== undefined)
    .map((name) =>
      problem(
        [AT, 'scope'],
        `lists ${name}, which is for the clients that scopes names; remove it`,
      ),
    );

const findOperatorsWords = (
  words: readonly string[],
  operators: readonly string[],
  key: string,
): readonly Remark[] =>
  words.flatMap((word, index) =>
    operators.includes(word)
      ? [problem([AT, key, index], 'is for clients of clients.yaml alone; remove it')]
      : [],
  );
