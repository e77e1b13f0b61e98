import { type Reply, UNAUTHORIZED, type Visit } from './product.ts';

/** What a service that proxies ask answers them: who it is in its headers, or 401. */
export const linesAsHeaders = ({ who, lines }: Visit): Reply =>
  who === undefined
    ? UNAUTHORIZED
    : { kind: 'answer', status: 200, headers: Object.fromEntries(lines) };
