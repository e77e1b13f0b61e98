// Issuers beside the one that listens, each below a path of its own.

import type { HttpApp } from '../http/app.ts';

export type Mount = {
  readonly add: (id: string, app: HttpApp) => void;
  readonly remove: (id: string) => void;
  /** What listens, and hands on what is for one of those. Whose path nobody has is its own to answer. */
  readonly around: (root: HttpApp) => HttpApp;
};

/** Below the path of the root, which is empty for most. */
export const MOUNTED = '/t/';

/** Metadata of an issuer may stand before its path (RFC 8414 §3.1). */
const WELL_KNOWN = /^\/\.well-known\/[a-z-]+(?=\/)/;

/** @param prefix the path of the root's identifier, without a slash at its end. */
export function createMount(prefix: () => string): Mount {
  const apps = new Map<string, HttpApp>();
  function find(target: string): HttpApp | undefined {
    const [raw = ''] = target.split('?', 1);
    const path = raw.replace(WELL_KNOWN, '');
    const base = prefix() + MOUNTED;
    if (!path.startsWith(base)) return undefined;
    const [id = ''] = path.slice(base.length).split('/', 1);
    return apps.get(id);
  }
  return {
    add: (id, app) => void apps.set(id, app),
    remove: (id) => void apps.delete(id),
    around: (root) => ({
      ...root,
      request: (request, response) => {
        const { request: answer } = find(request.url ?? '') ?? root;
        answer(request, response);
      },
    }),
  };
}
