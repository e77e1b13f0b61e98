// A program whose requests come from whomever a test says, through a proxy that is believed.

import {
  CLIENT_SECRET,
  type Metadata,
  type Program,
  type ProgramOptions,
  REDIRECT_URI,
  startProgram,
} from '../support/program.ts';
import type { RawAnswer } from '../support/raw-http.ts';
import { basic } from '../support/requests.ts';
import { submit } from './threats.fixture.ts';

/** Loopback is the proxy, and says where everybody is. */
const PROXIED: Metadata = {
  peers: ['127.0.0.1/32', '::1/128'],
  header: 'x-forwarded-for',
};

export const from = (address: string): string => `X-Forwarded-For: ${address}`;

export const EVE = from('203.0.113.66');
export const HONEST = from('198.51.100.7');

const client = (client_id: string, more: Metadata = {}): Metadata => ({
  ...{ client_id, client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
  grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
  ...more,
});

const DEVICE: Metadata = {
  client_id: 'tv',
  token_endpoint_auth_method: 'none',
  grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
};

export const CLIENTS: readonly Metadata[] = [
  client('app'),
  client('other'),
  client('big', { rate_limit: '5/1h' }),
  client('free', { rate_limit: { token: 'unlimited' } }),
  DEVICE,
];

export const startLimited = (
  rules: readonly Metadata[],
  { config, ...more }: ProgramOptions = {},
  limits: Metadata = {},
): Promise<Program> =>
  startProgram({
    clients: CLIENTS,
    config: { rate_limits: { proxies: PROXIED, rules, ...limits }, ...config },
    ...more,
  });

/** A token request of a client, with its right secret or another one. */
export const grant = (
  { public: target }: Pick<Program, 'public'>,
  clientId: string,
  peer = HONEST,
  secret = CLIENT_SECRET,
): Promise<RawAnswer> =>
  submit(
    target,
    '/token',
    { grant_type: 'client_credentials' },
    `Authorization: ${basic(clientId, secret)}`,
    peer,
  );

/** What is answered to the same thing asked so many times, one after the other. */
export async function repeat(
  times: number,
  act: (n: number) => Promise<RawAnswer>,
): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n += 1) statuses.push((await act(n)).status);
  return statuses;
}

export const exceeded = ({ logged }: Pick<Program, 'logged'>) =>
  logged().filter(({ msg }) => msg === 'rate_limit.exceeded');
