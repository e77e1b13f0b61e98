// The way in and the way out: a token that is shown once, and the end of what began with it.

import { Unavailable } from '../../../protocol/errors.ts';
import { HttpRefusal } from '../../errors.ts';
import { type Arrival, isOwnForm, readFields, readGiven, toOwnTarget } from './arrival.ts';
import { deny, type Hall, type Known } from './hall.ts';
import { identifySession } from './identify.ts';
import { toNext } from './next.ts';
import { drawSignIn, type SignInTerms } from './pages/sign-in.ts';
import { address, PREFIX } from './parts.ts';
import { problem, type Reply } from './reply.ts';

const SIGN_IN = '/sign-in';
const SIGN_OUT = '/sign-out';

/** The pages of the door itself; undefined for any other. */
export async function answerDoor(arrival: Arrival, hall: Hall): Promise<Reply | undefined> {
  const { path, method, query } = arrival;
  if (path === SIGN_IN && method === 'POST') return signIn(arrival, hall);
  if (path === SIGN_OUT && method === 'POST') return signOut(arrival, hall);
  if (path !== SIGN_IN) return undefined;
  const { next, done } = readGiven(query, ['next']);
  if (await isSignedIn(arrival, hall)) return { kind: 'redirect', to: toNext(next) };
  return drawDoor(arrival, { next: toNext(next), hasLeft: done === 'signed_out' }, hall);
}

/**
 * Where the store cannot tell, the door stays open: a token of the configuration needs none. A credential that
 * counts no longer is on record by the page before.
 */
async function isSignedIn(arrival: Arrival, hall: Hall): Promise<boolean> {
  try {
    return (await identifySession(arrival, hall, () => undefined)) !== undefined;
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}

/** Sends whoever is not known to where they can be. */
export function askWho(arrival: Arrival, hall: Hall): Reply {
  if (arrival.method === 'POST') {
    const denied = { error: 'invalid_token', reason: 'admin_credential_missing' };
    deny(arrival, denied, hall);
    return problem(401, 'Nobody is signed in, or not any more. Nothing was changed.');
  }
  const next = toOwnTarget(arrival);
  return { kind: 'redirect', to: address(SIGN_IN, next === PREFIX ? {} : { next }) };
}

/** Throws for a form that is not ours, or not of this session. */
export function checkForm(
  arrival: Arrival,
  { caller, sessionId }: Known,
  proof: string,
  hall: Hall,
): void {
  const problem = findFormProblem(arrival, sessionId, proof, hall);
  if (problem === undefined) return;
  deny(arrival, { error: 'cross_site', reason: problem.reason, actor: caller.name }, hall);
  throw new HttpRefusal(403, 'access_denied', 'cross_site', `${problem.text} Nothing was changed.`);
}

const FOREIGN = { reason: 'admin_form_foreign', text: 'The form was sent by another site.' };
const UNPROVEN = {
  reason: 'admin_form_unproven',
  text: 'The form was too old, or of another sign-in: go back, load the page again, and send it once more.',
};

function findFormProblem(
  arrival: Arrival,
  sessionId: string | undefined,
  proof: string,
  { sessions }: Hall,
): typeof FOREIGN | undefined {
  if (!isOwnForm(arrival)) return FOREIGN;
  return sessionId !== undefined && sessions.isProven(sessionId, proof) ? undefined : UNPROVEN;
}

type Said = Omit<SignInTerms, 'issuer' | 'proof'>;

const readVisitor = ({ headers, isSecure }: Arrival, { sessions }: Hall) =>
  sessions.visitors.read(headers['cookie'], isSecure);

/** Whoever has not signed in is told apart as well: their form is held against it. */
function drawDoor(arrival: Arrival, said: Said, hall: Hall): Extract<Reply, { kind: 'sheet' }> {
  const { sessions, terms } = hall;
  const visitor = readVisitor(arrival, hall) ?? sessions.begin();
  const sheet = drawSignIn({ issuer: terms.issuer, proof: sessions.prove(visitor.id), ...said });
  return { kind: 'sheet', sheet, cookie: sessions.visitors.print(visitor, arrival.isSecure) };
}

async function signIn(arrival: Arrival, hall: Hall): Promise<Reply> {
  const { proof = '', ...form } = await readFields(arrival, ['proof', 'next', 'token']);
  const next = toNext(form['next']);
  const { sessions, guesses, terms } = hall;
  const again = (status: number, text: string) =>
    drawDoor(arrival, { next, status, problem: text }, hall);
  const fault = findFormProblem(arrival, readVisitor(arrival, hall)?.id, proof, hall);
  if (fault !== undefined) {
    deny(arrival, { error: 'cross_site', reason: fault.reason }, hall);
    const text = `${fault.text} Nobody was signed in.`;
    // What another site sends for a browser changes nothing of what that browser keeps.
    return fault === FOREIGN ? problem(403, text) : again(403, text);
  }
  const { peer, requestId } = arrival;
  const wait = guesses.begin(peer);
  if (wait !== undefined) {
    // On record once for each that was counted, and not once more for each that came after.
    const text = `There were too many wrong tokens. Try again in ${wait} seconds.`;
    return { ...again(429, text), headers: { 'Retry-After': String(wait) } };
  }
  const found = await lookAt(form['token'] ?? '', peer, hall);
  if (found.kind !== 'known') {
    if (found.kind === 'refused') {
      deny(arrival, { error: 'invalid_token', reason: found.reason }, hall);
    }
    return again(401, 'This token does not count here.');
  }
  guesses.forgive(peer);
  terms.audit({ type: 'console.signed_in', actor: found.caller.name, peer, requestId });
  const session = { ...sessions.begin(), credential: found.credential };
  return { kind: 'redirect', to: next, cookie: sessions.signIns.print(session, arrival.isSecure) };
}

/** What nobody could look up is no wrong token. */
async function lookAt(token: string, peer: string, { guesses, opened }: Hall) {
  try {
    // What is copied brings a blank along, and no token has one.
    return await opened.remembering.remember(token.trim());
  } catch (error) {
    guesses.forgive(peer);
    throw error;
  }
}

async function signOut(arrival: Arrival, hall: Hall): Promise<Reply> {
  const { proof = '' } = await readFields(arrival, ['proof']);
  const { sessions, terms, left, opened } = hall;
  const known = await identifySession(arrival, hall);
  const cookie = sessions.signIns.print(undefined, arrival.isSecure);
  const gone: Reply = { kind: 'redirect', to: address(SIGN_IN, { done: 'signed_out' }), cookie };
  // From another site the cookie does not come along, and an answer could take it away all the same.
  if (known === undefined) return isOwnForm(arrival) ? gone : askWho(arrival, hall);
  checkForm(arrival, known, proof, hall);
  const { peer, requestId } = arrival;
  terms.audit({ type: 'console.signed_out', actor: known.caller.name, peer, requestId });
  const [oldest] = left;
  if (oldest !== undefined && left.size >= MOST_LEFT) left.delete(oldest);
  left.add(known.sessionId);
  try {
    await opened.leaving.leave(known.sessionId);
    return gone;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { ...problem(503, STORE_AWAY), cookie };
  }
}

const STORE_AWAY =
  'You have signed out of this browser, but the store does not answer: other processes of the issuer were not told. Whoever has a copy of the cookie could look until the sign-in is over; remove its token from the configuration where that matters.';

/** Those of one process, while the store does not know them. */
const MOST_LEFT = 10_000;
