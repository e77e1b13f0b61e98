// The Admin API over an issuer that keeps End-Users before a directory of others.

import { type ApiRoute, createApi } from '../../internal/admin/api/api.ts';
import type { Question } from '../../internal/app/others.ts';
import { createPeople } from '../../internal/app/people.ts';
import type { Deps } from '../../internal/oidc/deps.ts';
import type { Claims, JsonValue } from '../../internal/protocol/claims.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import type { Subject } from '../../internal/protocol/ids.ts';
import type { Backend } from '../../internal/userinfo/backend.ts';
import { lookUp } from '../../internal/userinfo/look-up.ts';
import { SourceError } from '../../internal/userinfo/source-error.ts';
import { createStoreBackend } from '../../internal/userinfo/store.ts';
import { createUserinfo } from '../../internal/userinfo/userinfo.ts';
import { notAskedFor } from '../support/admin-ports.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';

export const ACTOR = 'token:ops';
export const OFFLINE = { scope: 'openid email offline_access' };

type Asked = {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly role?: 'read' | 'write';
};

export type World = {
  readonly issuer: TestIssuer;
  readonly ask: (line: string, asked?: Asked) => ReturnType<ApiRoute['answer']>;
  readonly directory: Map<string, Claims>;
  readonly directoryFails: { is: boolean };
  readonly asked: Question[];
};

/** An issuer with the backend `store` before a directory, and the Admin API over it. */
export function createWorld(
  maxUsers: number | undefined = 5,
  hasStore = true,
  deps: Partial<Deps> = {},
): World {
  const directory = new Map<string, Claims>([['alice', { name: 'Alice of the directory' }]]);
  const directoryFails = { is: false };
  const asked: Question[] = [];
  let store: Deps['store'] | undefined;
  const findUser = async (subject: Subject) => (await store?.findUser(subject))?.text;
  const backends: readonly Backend[] = [
    ...(hasStore ? [createStoreBackend({ findUser })] : []),
    {
      type: 'http',
      provesExistence: true,
      remote: true,
      async find(subject) {
        if (directoryFails.is)
          throw new Unavailable('userinfo', 'ask', new SourceError('timeout', 'hunter2'));
        return directory.get(subject);
      },
      recall: () => ({ age: 7, isFresh: true, isKnown: true }),
      forget: (subject) => (subject === undefined ? 3 : 1),
      close: async () => undefined,
    },
  ];
  const issuer = createTestIssuer({ deps: { userinfo: createUserinfo(backends), ...deps } });
  store = issuer.deps.store;
  const routes = createApi({
    ...notAskedFor,
    clients: { ...notAskedFor.clients, remove: async (id) => issuer.clients.delete(id) },
    audit: (event) => issuer.deps.audit(event),
    ...createPeople({
      deps: () => issuer.deps,
      backends: () => ({
        lookUp: (subject) => lookUp(backends, subject),
        forget: (subject) => backends.reduce((sum, one) => sum + (one.forget?.(subject) ?? 0), 0),
      }),
      maxUsers: () => (hasStore ? maxUsers : undefined),
      others: {
        identityKey: '',
        ask: async (question) => {
          asked.push(question);
          return [2, undefined];
        },
      },
    }),
  });
  const ask: World['ask'] = async (line, { query = {}, body, ifMatch, role = 'write' } = {}) => {
    const [method, path = ''] = line.split(' ');
    for (const route of routes) {
      const pattern = new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
      const found = route.method === method ? pattern.exec(`/admin/v1${path}`) : null;
      if (found === null) continue;
      const names = Object.fromEntries(
        Object.entries(found.groups ?? {}).map(([name, value]) => [
          name,
          decodeURIComponent(value),
        ]),
      );
      const request = {
        ...{ names, query: Object.entries(query), body, ifMatch, requestId: 'r-1' },
        caller: { name: ACTOR, role },
      };
      route.admit?.(request);
      return route.answer(request);
    }
    throw new Error(`there is no ${line}`);
  };
  return { issuer, ask, directory, directoryFails, asked };
}

type Listed = { readonly [name: string]: JsonValue };

export const listOf = (answer: { readonly body?: JsonValue }, name: string): readonly Listed[] =>
  ((answer.body as Listed)[name] ?? []) as readonly Listed[];
