// What people, clients and thieves do: one function each, drawn by weight. None of them judges an
// answer; that is for the checker, who sees all of them together.

import { type Actor, begin, enter, inspect, keep, newSignIn, persist, renew } from './actor.ts';
import { GRACE_SECONDS } from './clients.ts';
import type { SignIn } from './wallet.ts';

type Scenario = (actor: Actor) => Promise<void>;

const THINKING_MS = 150;
const HESITATION_MS = 1500;
const RACERS = 6;
const PAST_GRACE_MS = GRACE_SECONDS * 1000 + 1600;

const browse: Scenario = async (actor) => {
  const signIn = newSignIn(actor);
  if (!(await enter(actor, signIn))) return;
  for (let looks = 0; looks < 3; looks += 1) {
    if (signIn.accessToken) await actor.client.userinfo(signIn.name, signIn.accessToken);
    await inspect(actor, signIn);
    if (!(await actor.pause(THINKING_MS))) return;
  }
};

const rotate: Scenario = async (actor) => {
  const signIn = newSignIn(actor);
  if (!(await enter(actor, signIn))) return;
  for (let times = 0; times < 3; times += 1) {
    if (!(await actor.pause(THINKING_MS)) || !(await renew(actor, signIn))) return;
    await inspect(actor, signIn);
    const token = signIn.refreshTokens.at(-1);
    if (token) await actor.client.introspect(signIn.name, signIn.clientId, token);
  }
};

/** Somebody whose client takes a while to bring the code. */
export const hesitate: Scenario = async (actor) => {
  const signIn = newSignIn(actor);
  const code = await begin(actor, signIn);
  if (code === undefined) return;
  await actor.pause(actor.chance.below(HESITATION_MS));
  const { value } = await persist(() => actor.client.redeem(signIn.name, signIn.clientId, code));
  keep(signIn, value);
};

/** Two tabs with one refresh token, at either issuer: both are honest. */
const twoTabs: Scenario = async (actor) => {
  const signIn = newSignIn(actor);
  if (!(await enter(actor, signIn))) return;
  const [token = ''] = signIn.refreshTokens;
  const results = await Promise.all(
    actor
      .issuers()
      .map((issuer) => actor.client.refresh(signIn.name, signIn.clientId, token, issuer)),
  );
  for (const { value } of results) keep(signIn, value);
  await inspect(actor, signIn);
  await renew(actor, signIn);
};

/** The oldest refresh token comes back when its successor was used. */
const stolen: Scenario = async (actor) => {
  const signIn = newSignIn(actor);
  if (!(await enter(actor, signIn)) || !(await renew(actor, signIn))) return;
  if (!(await renew(actor, signIn))) return;
  const [oldest = ''] = signIn.refreshTokens;
  await persist(() => actor.client.refresh(signIn.name, signIn.clientId, oldest));
  await inspect(actor, signIn);
};

/** … or when its grace is over. */
const tooLate: Scenario = async (actor) => {
  const signIn = newSignIn(actor);
  if (!(await enter(actor, signIn)) || !(await renew(actor, signIn))) return;
  if (!(await actor.pause(PAST_GRACE_MS))) return;
  const [oldest = ''] = signIn.refreshTokens;
  await persist(() => actor.client.refresh(signIn.name, signIn.clientId, oldest));
  await inspect(actor, signIn);
};

/** One code, many redemptions at the same moment at both issuers, and one more when all are over. */
export const raced: Scenario = async (actor) => {
  const { client } = actor;
  const signIn = newSignIn(actor);
  const code = await begin(actor, signIn);
  if (code === undefined) return;
  const issuers = actor.issuers();
  const results = await Promise.all(
    Array.from({ length: RACERS }, (_, n) =>
      client.redeem(signIn.name, signIn.clientId, code, issuers[n % issuers.length]),
    ),
  );
  for (const { value } of results) keep(signIn, value);
  await client.redeem(signIn.name, signIn.clientId, code);
  await inspect(actor, signIn);
};

const replayed: Scenario = async (actor) => {
  const signIn = newSignIn(actor);
  if (!(await enter(actor, signIn)) || !(await actor.pause(THINKING_MS))) return;
  const { code = '' } = signIn;
  await persist(() => actor.client.redeem(signIn.name, signIn.clientId, code));
  await inspect(actor, signIn);
};

export const revoked: Scenario = async (actor) => {
  const { client, chance } = actor;
  const signIn = newSignIn(actor);
  if (!(await enter(actor, signIn)) || !(await actor.pause(THINKING_MS))) return;
  const [refreshToken = ''] = signIn.refreshTokens;
  const token = chance.pick([refreshToken, signIn.accessToken ?? '']);
  await persist(() => client.revoke(signIn.name, signIn.clientId, token));
  await Promise.all(
    actor
      .issuers()
      .map((issuer) =>
        client.introspect(signIn.name, signIn.clientId, signIn.accessToken ?? '', issuer),
      ),
  );
  await renew(actor, signIn);
};

/** One of those who signed in a while ago, perhaps before the fault. */
const findOld = ({ wallet, chance }: Actor): SignIn | undefined => {
  const old = wallet.all().filter(({ refreshTokens }) => refreshTokens.length > 0);
  return old.length === 0 ? undefined : chance.pick(old);
};

const comeBack: Scenario = async (actor) => {
  const signIn = findOld(actor);
  if (signIn === undefined) return;
  await inspect(actor, signIn);
  await renew(actor, signIn);
  await inspect(actor, signIn);
};

const leaveLater: Scenario = async (actor) => {
  const signIn = findOld(actor);
  const token = signIn?.refreshTokens[0];
  if (signIn === undefined || token === undefined) return;
  await persist(() => actor.client.revoke(signIn.name, signIn.clientId, token));
  await inspect(actor, signIn);
};

/** Two clients in one browser, and one sign-out for both. */
const signedOut: Scenario = async (actor) => {
  const first = actor.wallet.open('web');
  const second = actor.wallet.open('wiki', first.browser);
  if (!(await enter(actor, first)) || !(await enter(actor, second))) return;
  const names = [first.name, second.name];
  const { idToken = '' } = second;
  await persist(() => actor.client.endSession(names, idToken, first.browser));
  await Promise.all([inspect(actor, first), inspect(actor, second)]);
};

const WEIGHTS: readonly (readonly [Scenario, number])[] = [
  [browse, 4],
  [hesitate, 3],
  [rotate, 5],
  [twoTabs, 2],
  [stolen, 1],
  [tooLate, 1],
  [raced, 2],
  [comeBack, 3],
  [leaveLater, 1],
  [replayed, 1],
  [revoked, 3],
  [signedOut, 2],
];

/** Each as often as its weight. */
export const SCENARIOS: readonly Scenario[] = WEIGHTS.flatMap(([scenario, weight]) =>
  Array.from({ length: weight }, () => scenario),
);
