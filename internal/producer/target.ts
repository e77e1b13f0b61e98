// Where a request is for, and where one may be sent on to.

import type { IncomingMessage } from 'node:http';
import { isOwnHost } from '../http/host.ts';
import { toLines } from './app-request.ts';
import { ProducerRefusal } from './refusal.ts';

/** The URL as this browser has it. Throws for a host that is not ours: a foreign name may be anybody's page (DNS rebinding). */
export function readTarget(request: IncomingMessage, hosts: ReadonlySet<string>): URL {
  const named = toLines(request.rawHeaders).filter(([name]) => name.toLowerCase() === 'host');
  const [only, ...more] = named;
  if (only === undefined || more.length > 0) {
    throw new ProducerRefusal(400, 'exactly one Host header has to be sent');
  }
  if (!isOwnHost(only[1], hosts)) {
    throw new ProducerRefusal(421, 'this host is not served here; call localhost');
  }
  const { url = '' } = request;
  // A whole URL would name a second host, and which of the two the app takes nobody knows.
  const origin = `http://${only[1]}`;
  if (!url.startsWith('/') || !URL.canParse(origin + url)) {
    throw new ProducerRefusal(400, 'the target has to be a path');
  }
  return new URL(origin + url);
}

/** On this origin, or undefined. Whole, because a path may begin with two slashes. */
export function toOwnUrl(text: string | undefined, origin: string): string | undefined {
  const url = parse(text, origin);
  return url?.origin === origin ? url.href : undefined;
}

/** On this machine: an app signs people out at several places one after another. */
export function toLocalUrl(text: string | undefined, origin: string): string | undefined {
  const url = parse(text, origin);
  return url !== undefined && LOCAL.test(url.hostname) ? url.href : undefined;
}

const LOCAL = /^(?:(?:[a-z0-9-]+\.)*localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function parse(text: string | undefined, origin: string): URL | undefined {
  if (text === undefined || !URL.canParse(text, origin)) return undefined;
  const url = new URL(text, origin);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}
