// Where Redis is when it is more than one server: who names its primary, or who knows its nodes.

import * as z from 'zod';
import { fileName, section, text, textWith } from '../fields.ts';

/** The problem with the address of a node: a host, a colon and a port, and IPv6 in brackets. */
function findNodeProblem(node: string): string | undefined {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]/@]+):(\d{1,5})$/.exec(node);
  const port = Number(match?.[1]);
  return port >= 1 && port <= 65_535
    ? undefined
    : 'has to be HOST:PORT, as in redis-1.example:6379 or [2001:db8::1]:6379';
}

const nodes = (description: string, example: string) =>
  z
    .array(textWith(findNodeProblem))
    .min(1)
    .meta({ description, examples: [[example]] });

export const sentinel = () =>
  section({
    name: text().meta({
      description: 'Name that the sentinels know the primary by',
      examples: ['mymaster'],
    }),
    nodes: nodes('Addresses of the sentinels, HOST:PORT', 'sentinel-1.example:26379'),
    username: text()
      .optional()
      .meta({ description: 'User at the sentinels', examples: ['asteroid'] }),
    password_file: fileName()
      .optional()
      .meta({
        description: 'File with the password at the sentinels',
        examples: ['/run/secrets/sentinel-password'],
      }),
    tls: z
      .boolean()
      .optional()
      .meta({ description: 'TLS to the sentinels; as to Redis when absent', examples: [true] }),
  });

export const cluster = () =>
  section({
    nodes: nodes('Addresses of nodes that know the others, HOST:PORT', 'redis-1.example:6379'),
  });

type Given = {
  readonly url: string;
  readonly sentinel?: object | undefined;
  readonly cluster?: object | undefined;
};

export type Contradiction = { readonly at: 'url' | 'sentinel'; readonly problem: string };

// A client library would take the server on this machine.
const NAMES_NOBODY =
  'names no server; write as in redis://127.0.0.1:6379, or give sentinel or cluster';

/** What cannot be true at the same time. @param url the one that was given, if one was. */
export function findContradictions(
  { sentinel: watched, cluster: sharded }: Omit<Given, 'url'>,
  url: string | undefined,
): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (watched !== undefined && sharded !== undefined) {
    found.push({
      at: 'sentinel',
      problem: 'cannot be combined with cluster; remove one of the two',
    });
  }
  const many = watched === undefined ? 'cluster' : 'sentinel';
  if (url === undefined || !URL.canParse(url)) return found;
  const { protocol, host, pathname } = new URL(url);
  if ((watched ?? sharded) === undefined) {
    const isNowhere = protocol !== 'unix:' && host === '';
    return isNowhere ? [{ at: 'url', problem: NAMES_NOBODY }] : [];
  }
  if (protocol === 'unix:' || host !== '') {
    const problem = `names a server, and so does ${many}; leave the host out, as in redis:///0, or remove url`;
    found.push({ at: 'url', problem });
  }
  if (sharded !== undefined && protocol !== 'unix:' && Number(pathname.slice(1)) !== 0) {
    found.push({ at: 'url', problem: 'selects a database, and a cluster has only database 0' });
  }
  return found;
}
