// Addresses of the upstream as the operator writes them, with slots for what only a request knows.

import type { Deps } from './deps.ts';

/** Where the sign-out of the upstream has to lead back to. */
export const SIGNED_OUT = 'post_logout_redirect_uri';

/** Puts each value where the operator wants it, as one component of a URL; empty when it is absent. */
export const fillTemplate = (
  template: string,
  values: { readonly [slot: string]: string | undefined },
): string => template.replace(/\$\{(\w+)\}/g, (_, slot) => encodeURIComponent(values[slot] ?? ''));

export const hasSlot = (template: string | undefined, name: string): boolean =>
  template?.includes(`\${${name}}`) ?? false;

/** Where it leads, for pages that have to allow it; it may be a path at the issuer's host. */
export const originOf = (
  template: string | undefined,
  { bases }: Pick<Deps, 'bases'>,
): string | undefined =>
  template === undefined ? undefined : new URL(template, bases.browser).origin;
