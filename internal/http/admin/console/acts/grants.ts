// Ends to what End-Users granted, and to their sessions.

import { present } from '../../../../protocol/present.ts';
import { type Html, html } from '../../../pages/html.ts';
import { address, value } from '../parts.ts';
import type { Act, Given } from '../visit.ts';

const whose = (given: Given) =>
  present({ subject: given['subject'] || undefined, client_id: given['client_id'] || undefined });

/** Whose all of it is, within a sentence. */
function named(given: Given): Html {
  const { subject, client_id: client } = whose(given);
  if (subject === undefined) return html`everybody at the client ${value(client ?? '')}`;
  if (client === undefined) return html`${value(subject)} at every client`;
  return html`${value(subject)} at the client ${value(client)}`;
}

export const GRANT_ACTS: readonly Act[] = [
  {
    word: 'end-authorization',
    names: ['id', 'subject', 'client_id'],
    place: '/authorizations',
    confirm: async ({ given }) => ({
      title: 'End this authorization?',
      text: html`<p>Every token issued under ${value(given['id'] ?? '')} stops to count at this issuer. A client that checks nothing but signatures takes an access token until it expires.</p>`,
      button: 'End the authorization',
      isGrave: true,
      back: address('/authorizations', whose(given)),
    }),
    async run({ given, ask }) {
      await ask('endAuthorization', { names: { authorization_id: given['id'] ?? '' } });
      return { to: address('/authorizations', { ...whose(given), done: 'authorization_ended' }) };
    },
  },
  {
    word: 'end-authorizations',
    names: ['subject', 'client_id'],
    place: '/authorizations',
    confirm: async ({ given }) => ({
      title: 'End all of these authorizations?',
      text: html`<p>Every authorization of ${named(given)} ends, with every token issued under it. Consent that was given is asked for again.</p>`,
      button: 'End all of them',
      isGrave: true,
      back: address('/authorizations', whose(given)),
    }),
    async run({ given, ask }) {
      const { body } = await ask('endAuthorizations', { query: whose(given) });
      const count = String(body.authorizations);
      return {
        to: address('/authorizations', { ...whose(given), done: 'authorizations_ended', count }),
      };
    },
  },
  {
    word: 'end-session',
    names: ['sid', 'subject'],
    place: '/sessions',
    confirm: async ({ given }) => ({
      title: 'End this session?',
      text: html`<p>${value(given['subject'] ?? '')} is signed out of it, and its clients are told. Whoever the proxy still knows can sign in again at once: end their session there first.</p>`,
      button: 'End the session',
      isGrave: true,
      back: address('/sessions', { subject: given['subject'] }),
    }),
    async run({ given, ask }) {
      const { sid = '', subject } = given;
      await ask('endSession', { names: { sid }, query: { subject } });
      return { to: address('/sessions', { subject, done: 'session_ended' }) };
    },
  },
  {
    word: 'end-sessions',
    names: ['subject'],
    place: '/sessions',
    confirm: async ({ given }) => ({
      title: 'End all sessions of this End-User?',
      text: html`<p>${value(given['subject'] ?? '')} is signed out of every browser, and the clients of each session are told. Whoever the proxy still knows can sign in again at once: end their session there first.</p>`,
      button: 'End all sessions',
      isGrave: true,
      back: address('/sessions', { subject: given['subject'] }),
    }),
    async run({ given, ask }) {
      const { subject } = given;
      const { body } = await ask('endSessions', { query: { subject } });
      return {
        to: address('/sessions', { subject, done: 'sessions_ended', count: String(body.sessions) }),
      };
    },
  },
];
