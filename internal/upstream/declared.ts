// Which header names mean something, and what: for whoever has to tell an operator about them.

import { listHeaders, type UpstreamOptions } from './options.ts';

/** A header that the configuration names. */
export type DeclaredName = {
  readonly kind: 'identity' | 'secret' | 'assertion';
  /** What it carries, by its name in YAML; `secret` for the proof. */
  readonly attribute: string;
  readonly name: string;
};

/** The subject comes first, the secret last; names are spelled as configured. */
export const listDeclared = ({ headers, trust }: UpstreamOptions): readonly DeclaredName[] => [
  ...listHeaders(headers).map(({ attribute, field }) => ({
    kind: 'identity' as const,
    attribute,
    name: field.name,
  })),
  ...(trust.secret === undefined
    ? []
    : [{ kind: 'secret' as const, attribute: 'secret', name: trust.secret.header }]),
];
