// Who may look after the issuer. Whoever may writes clients, and so signs in as anybody at any of them.

import { STANDARD_SCOPES } from '../../protocol/scope-table.ts';
import type { Config } from '../config.ts';
import type { Path } from '../finding.ts';
import { isSocket } from '../sections/listen.ts';
import { isLoopbackHost } from '../sections/loopback.ts';
import { type Check, problem, type Remark, warning } from './remark.ts';

const CA = ['admin', 'certificates', 'ca_file'] as const;

export const adminCheck: Check = {
  reads: ['admin', 'listen', 'mtls', 'upstream.trust', 'scopes', 'issuer'],
  find: (config, { mode }) => [
    ...findNames(config),
    ...findCertificates(config),
    ...findAccessTokens(config),
    ...(mode === 'dev' ? [] : findExposure(config)),
  ],
};

type Named = { readonly name: string; readonly role: string };

/** One name has one role: the record tells names alone. And of what proves two of them, nobody could say which. */
const findNames = ({ admin }: Config): readonly Remark[] => [
  ...findTwins(admin?.tokens ?? [], ['admin', 'tokens'], ({ hash }) => ['hash', hash]),
  ...findTwins(
    admin?.certificates?.names ?? [],
    ['admin', 'certificates', 'names'],
    ({ dns_san, uri_san }) => (dns_san === undefined ? ['uri_san', uri_san] : ['dns_san', dns_san]),
  ),
];

/** @param proofOf the key and the value of what proves one. */
function findTwins<Entry extends Named>(
  entries: readonly Entry[],
  at: Path,
  proofOf: (entry: Entry) => readonly [key: string, value: string | undefined],
): readonly Remark[] {
  const list = String(at.at(-1));
  return entries.flatMap((entry, index) => {
    const before = entries.slice(0, index);
    const [key, value] = proofOf(entry);
    const twin = before.findIndex((one) => {
      const [otherKey, otherValue] = proofOf(one);
      return otherKey === key && otherValue === value;
    });
    if (twin >= 0) return [problem([...at, index, key], `is that of ${list}[${twin}]; remove one`)];
    const other = before.findIndex(({ name, role }) => name === entry.name && role !== entry.role);
    if (other < 0) return [];
    const text = `is another one than that of ${list}[${other}], which has the same name; use another name`;
    return [problem([...at, index, 'role'], text)];
  });
}

function findCertificates({ admin, listen, mtls, upstream }: Config): readonly Remark[] {
  const own = admin?.certificates?.ca_file;
  if (own === undefined) return [];
  const others: readonly (readonly [string, string | undefined])[] = [
    ['upstream.trust.mtls', upstream.trust.mtls?.ca_file],
    ['listen.mtls', listen.mtls?.tls.client_ca_file],
    ['mtls.proxy', mtls?.proxy?.client_ca_file],
  ];
  const shared = others.find(([, file]) => file === own);
  return [
    ...(listen.admin.tls === undefined
      ? [problem(CA, 'needs TLS on that listener; set listen.admin.tls')]
      : []),
    ...(shared === undefined
      ? []
      : [
          problem(
            CA,
            `is the CA of ${shared[0]} too, for others than operators; use one of its own`,
          ),
        ]),
  ];
}

function findAccessTokens({ admin, issuer, scopes }: Config): readonly Remark[] {
  const terms = admin?.access_tokens;
  if (terms === undefined) return [];
  const at = ['admin', 'access_tokens'];
  const { read_scope, write_scope, audience } = terms;
  const judge = (key: string, scope: string | undefined): readonly Remark[] =>
    scope === undefined ? [] : findScopeProblem(scope, [...at, key], scopes);
  return [
    ...judge('read_scope', read_scope),
    ...judge('write_scope', write_scope),
    ...(audience === issuer
      ? [
          problem(
            [...at, 'audience'],
            'is the issuer, for which nearly every token is good; use a resource of its own',
          ),
        ]
      : []),
    ...(read_scope !== undefined && read_scope === write_scope
      ? [problem([...at, 'read_scope'], 'is write_scope too, which reads as well; remove it')]
      : []),
  ];
}

/** A scope that everybody asks for, or that nobody can be granted, is a mistake. */
function findScopeProblem(scope: string, at: Path, scopes: Config['scopes']): readonly Remark[] {
  if (STANDARD_SCOPES.has(scope)) {
    return [problem(at, 'is a standard scope, which clients ask for anyway; use one of your own')];
  }
  return Object.hasOwn(scopes, scope)
    ? []
    : [problem(at, 'is no scope of this issuer; describe it under scopes, with its clients')];
}

function findExposure({ admin, listen }: Config): readonly Remark[] {
  const { admin: listener } = listen;
  if (isSocket(listener) || isLoopbackHost(listener.host)) return [];
  const at = ['listen', 'admin', 'host'];
  if (admin === undefined) {
    const text =
      'is on the network, where anybody may ask /debug/identity and run the doctor; bind it to loopback, and set listen.health for probes';
    return [warning(at, text)];
  }
  return listener.tls === undefined
    ? [warning(at, 'is on the network without TLS, where tokens can be read; set listen.admin.tls')]
    : [];
}
