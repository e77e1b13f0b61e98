// Which header names mean something, and what: for whoever has to tell an operator about them.

import { listHeaders, type UpstreamOptions } from './options.ts';

/** A header that the configuration names. */
export type DeclaredName = {
  readonly kind: 'identity' | 'secret' | 'assertion';
  /** What it carries, by its name in YAML; `secret` for the proof, `assertion` for all of it. */
  readonly attribute: string;
  readonly name: string;
};

/**
 * The subject or the assertion comes first, the secret last; names are spelled as configured. Plain
 * headers that the proxy has to remove are names like those that are read.
 */
export const listDeclared = ({
  headers,
  assertion,
  trust,
}: UpstreamOptions): readonly DeclaredName[] => [
  ...(headers === undefined ? [] : listHeaders(headers)).map(({ attribute, field }) =>
    declare('identity', attribute, field.name),
  ),
  ...(assertion === undefined ? [] : [declare('assertion', 'assertion', assertion.header)]),
  ...(assertion?.rejectPlainHeaders ?? []).map((name) => declare('identity', 'plain_header', name)),
  ...(trust.secret === undefined ? [] : [declare('secret', 'secret', trust.secret.header)]),
];

const declare = (kind: DeclaredName['kind'], attribute: string, name: string): DeclaredName => ({
  kind,
  attribute,
  name,
});
