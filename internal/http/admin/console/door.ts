// The way in and out: a token that is shown once, a certificate, a session that was begun with either, and the
// proof that a form is one of ours.

import type { Caller } from '../../../admin/caller.ts';
import { Unavailable } from '../../../protocol/errors.ts';
import { HttpRefusal } from '../../errors.ts';
import { findSans } from '../api.ts';
import { type Arrival, isOwnForm, readFields, readGiven } from './arrival.ts';
import type { ConsoleTerms, OpenedConsole } from './console.ts';
import { createGuesses } from './guesses.ts';
import type { Viewer } from './layout.ts';
import { toNext } from './next.ts';
import { drawSignIn } from './pages/sign-in.ts';
import { address, PREFIX } from './parts.ts';
import { problem, type Reply } from './reply.ts';
import { type ConsoleSession, createSessions } from './session.ts';

export type Known = {
  readonly caller: Caller;
  readonly viewer: Viewer;
  /** What forms are held against. */
  readonly sessionId: string;
  /** The store does not say whether they signed out: they look, and change nothing. */
  readonly isLimited: boolean;
};

export type Door = {
  /** The pages of the door itself; undefined for any other. */
  answer(arrival: Arrival): Promise<Reply | undefined>;
  /** Undefined where nobody is proven. */
  identify(arrival: Arrival): Promise<Known | undefined>;
  /** Sends whoever is not known to where they can be. */
  ask(arrival: Arrival): Reply;
  /** Throws for a form that is not ours, or not of this session. */
  checkForm(arrival: Arrival, known: Pick<Known, 'caller' | 'sessionId'>, proof: string): void;
};

const SIGN_IN = '/sign-in';
const SIGN_OUT = '/sign-out';

export function createDoor(terms: ConsoleTerms, opened: OpenedConsole): Door {
  const { issuer, audit, now, lifetime } = terms;
  const { recognise, remembering, seals, leaving } = opened;
  const sessions = createSessions({ issuer, seals, now, random: terms.random, lifetime });
  const guesses = createGuesses(now);
  // What was ended while the store was away is ended here all the same.
  const left = new Set<string>();

  const deny = (
    { peer, requestId }: Arrival,
    error: string,
    { reason }: { readonly reason: string },
    actor?: string,
  ) => audit({ type: 'admin.refused', error, reason, actor, peer, requestId });

  const readSession = ({ headers, isSecure }: Arrival): ConsoleSession | undefined =>
    sessions.read(headers['cookie'], isSecure);

  const toKnown = (
    caller: Caller,
    sessionId: string,
    canLeave: boolean,
    isLimited = false,
  ): Known => ({
    ...{ caller, sessionId, isLimited },
    viewer: { ...caller, canLeave, proof: sessions.prove(sessionId) },
  });

  async function hasLeft({ id, begunAt }: ConsoleSession): Promise<boolean | 'unknown'> {
    if (left.has(id)) return true;
    try {
      return await leaving.hasLeft(id, begunAt);
    } catch (error) {
      if (error instanceof Unavailable) return 'unknown';
      throw error;
    }
  }

  async function identifySession(arrival: Arrival): Promise<Known | undefined> {
    const session = readSession(arrival);
    if (session?.credential === undefined) return undefined;
    const isOver = await hasLeft(session);
    if (isOver === true) return undefined;
    const found = await remembering.recall(session.credential);
    if (found.kind !== 'known') {
      if (found.kind === 'refused') deny(arrival, 'invalid_token', found);
      return undefined;
    }
    if (isOver === false) return toKnown(found.caller, session.id, true);
    return toKnown({ ...found.caller, role: 'read' }, session.id, true, true);
  }

  async function identify(arrival: Arrival): Promise<Known | undefined> {
    const signedIn = await identifySession(arrival);
    if (signedIn !== undefined) return signedIn;
    const certificate = findSans(arrival.request);
    if (certificate === undefined) return undefined;
    const found = await recognise({ token: undefined, certificate });
    if (found.kind === 'refused') deny(arrival, 'invalid_token', found);
    if (found.kind !== 'known') return undefined;
    return toKnown(found.caller, `certificate ${found.caller.name}`, false);
  }

  const drawDoor = (
    arrival: Arrival,
    next: string,
    said: { readonly problem?: string; readonly status?: number; readonly hasLeft?: boolean } = {},
  ): Extract<Reply, { kind: 'sheet' }> => {
    const session = readSession(arrival);
    const visitor =
      session?.credential === undefined && session !== undefined
        ? session
        : sessions.begin(undefined);
    const sheet = drawSignIn({ issuer, next, proof: sessions.prove(visitor.id), ...said });
    return { kind: 'sheet', sheet, cookie: sessions.print(visitor, arrival.isSecure) };
  };

  async function signIn(arrival: Arrival): Promise<Reply> {
    const { proof = '', next, token = '' } = await readFields(arrival, ['proof', 'next', 'token']);
    const to = toNext(next);
    const visitor = readSession(arrival);
    const again = (status: number, text: string): Reply =>
      drawDoor(arrival, to, { status, problem: text });
    if (!isOwnForm(arrival)) {
      deny(arrival, 'cross_site', { reason: 'admin_form_foreign' });
      return again(403, 'The form was sent by another site. Nobody was signed in.');
    }
    if (visitor === undefined || !sessions.isProven(visitor.id, proof)) {
      deny(arrival, 'cross_site', { reason: 'admin_form_unproven' });
      return again(403, 'The form was too old, or of another browser. Please try again.');
    }
    const wait = guesses.wait(arrival.peer);
    if (wait !== undefined) {
      deny(arrival, 'invalid_token', { reason: 'admin_guesses' });
      const text = `There were too many wrong tokens. Try again in ${wait} seconds.`;
      return { ...again(429, text), headers: { 'Retry-After': String(wait) } };
    }
    const found = await remembering.remember(token);
    if (found.kind !== 'known') {
      guesses.count(arrival.peer);
      if (found.kind === 'refused') deny(arrival, 'invalid_token', found);
      return again(401, 'This token does not count here.');
    }
    const { peer, requestId } = arrival;
    audit({ type: 'console.signed_in', actor: found.caller.name, peer, requestId });
    const cookie = sessions.print(sessions.begin(found.credential), arrival.isSecure);
    return { kind: 'redirect', to, cookie };
  }

  async function signOut(arrival: Arrival): Promise<Reply> {
    const { proof = '' } = await readFields(arrival, ['proof']);
    const session = readSession(arrival);
    const known = await identifySession(arrival);
    const cookie = sessions.print(undefined, arrival.isSecure);
    const gone: Reply = { kind: 'redirect', to: address(SIGN_IN, { done: 'signed_out' }), cookie };
    if (session === undefined || known === undefined) return gone;
    checkForm(arrival, known, proof);
    const { peer, requestId } = arrival;
    if (left.size >= MOST_LEFT) left.clear();
    left.add(session.id);
    audit({ type: 'console.signed_out', actor: known.caller.name, peer, requestId });
    await leaving.leave(session.id, lifetime());
    return gone;
  }

  function checkForm(
    arrival: Arrival,
    { caller, sessionId }: Pick<Known, 'caller' | 'sessionId'>,
    proof: string,
  ): void {
    const isOwn = isOwnForm(arrival);
    if (isOwn && sessions.isProven(sessionId, proof)) return;
    const found = isOwn ? { reason: 'admin_form_unproven' } : { reason: 'admin_form_foreign' };
    deny(arrival, 'cross_site', found, caller.name);
    throw new HttpRefusal(
      403,
      'access_denied',
      'cross_site',
      'The form was not sent by a page of this session. Nothing was changed.',
    );
  }

  return {
    identify,
    checkForm,
    async answer(arrival) {
      const { path, method, query } = arrival;
      if (path === SIGN_IN && method === 'POST') return signIn(arrival);
      if (path === SIGN_OUT && method === 'POST') return signOut(arrival);
      if (path !== SIGN_IN) return undefined;
      const { next, done } = readGiven(query, ['next']);
      return drawDoor(arrival, toNext(next), { hasLeft: done === 'signed_out' });
    },
    ask(arrival) {
      if (arrival.method === 'POST') {
        deny(arrival, 'invalid_token', { reason: 'admin_credential_missing' });
        return problem(401, 'Nobody is signed in, or not any more. Nothing was changed.');
      }
      const next = toNext(arrival.target);
      return { kind: 'redirect', to: address(SIGN_IN, next === PREFIX ? {} : { next }) };
    },
  };
}

/** Those of one process, while the store does not know them. */
const MOST_LEFT = 10_000;
