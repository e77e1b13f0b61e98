// Somebody honest: does one thing after the other, asks again when told that it is not the time, and
// starts over when an answer was lost for good.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../mutations/chance.ts';
import type { Client, Result, Tokens } from './client.ts';
import { CLIENT_IDS } from './clients.ts';
import type { Issuer } from './issuers.ts';
import type { SignIn, Wallet } from './wallet.ts';

export type Actor = {
  readonly client: Client;
  readonly chance: Chance;
  readonly wallet: Wallet;
  /** Those that requests may be sent to at the moment. */
  readonly issuers: () => readonly Issuer[];
  /** Whether the round goes on after so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<boolean>;
};

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 120;

/** Asks until there is an answer, a little later each time. */
export async function persist<Value>(
  attempt: () => Promise<Result<Value>>,
): Promise<Result<Value>> {
  let wait = FIRST_PAUSE_MS;
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    const result = await attempt();
    const isAnswer =
      result.outcome === 'ok' || result.outcome === 'refused' || result.outcome === 'odd';
    if (isAnswer || left === 0) return result;
    await sleep(wait);
    wait *= 2;
  }
}

/** As far as a code. */
export async function begin(actor: Actor, signIn: SignIn): Promise<string | undefined> {
  const { client } = actor;
  const { value } = await persist(() =>
    client.authorize(signIn.name, signIn.clientId, signIn.browser),
  );
  signIn.code = value;
  return value;
}

export function keep(signIn: SignIn, tokens: Tokens | undefined): void {
  if (tokens === undefined) return;
  signIn.accessToken = tokens.accessToken;
  signIn.idToken = tokens.idToken;
  if (signIn.refreshTokens.at(-1) !== tokens.refreshToken) {
    signIn.refreshTokens.push(tokens.refreshToken);
  }
}

/** The whole way to tokens; whether there are any. */
export async function enter(actor: Actor, signIn: SignIn): Promise<boolean> {
  const code = await begin(actor, signIn);
  if (code === undefined) return false;
  const { value } = await persist(() => actor.client.redeem(signIn.name, signIn.clientId, code));
  keep(signIn, value);
  return value !== undefined;
}

/** Uses the newest refresh token. */
export async function renew(actor: Actor, signIn: SignIn): Promise<boolean> {
  const token = signIn.refreshTokens.at(-1);
  if (token === undefined) return false;
  const { value } = await persist(() => actor.client.refresh(signIn.name, signIn.clientId, token));
  keep(signIn, value);
  return value !== undefined;
}

/** As a resource server asks about the access token. */
export async function inspect({ client }: Actor, { name, clientId, accessToken }: SignIn) {
  if (accessToken !== undefined) await client.introspect(name, clientId, accessToken);
}

export const newSignIn = ({ wallet, chance }: Actor): SignIn =>
  wallet.open(chance.pick(CLIENT_IDS));
