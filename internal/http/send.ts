// Writes answers: the only file that does. Headers that every answer carries are added here, so that
// no endpoint can forget one.

import type { ProtocolResponse } from '../oidc/endpoint.ts';
import type { EndpointBases } from '../oidc/paths.ts';
import type { Random } from '../protocol/random.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { type Answer, type ChooseLanguage, createToAnswer, toRealm } from './answer.ts';
import { announcesBody } from './body.ts';
import { corsHeaders } from './cors.ts';
import type { Failure } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { type Brand, PLAIN } from './pages/brand.ts';
import { chooseLanguage, findUiLocales } from './pages/choose-language.ts';

export type Send = {
  /**
   * Throws, with nothing written, when the response cannot be sent as it is.
   * @param headers names and values in turn, beside those of the response
   */
  answer(exchange: Exchange, response: ProtocolResponse, headers?: readonly string[]): void;
  /** A page where a person is looking, JSON elsewhere. */
  failure(exchange: Exchange, failure: Failure, headers?: readonly string[]): void;
};

export type SendDeps = {
  readonly issuerUrl: string;
  readonly bases: EndpointBases;
  readonly upstream: () => Upstream;
  readonly random: Random;
  /** Absent: pages look as they do without anybody's doing. */
  readonly brand?: (() => Brand) | undefined;
};

const NO_STORE = ['Cache-Control', 'no-store', 'Pragma', 'no-cache'] as const;
const NO_STORE_PRIVATE = ['Cache-Control', 'no-store, private', 'Pragma', 'no-cache'] as const;
const EVERYWHERE = [
  'X-Content-Type-Options',
  'nosniff',
  'Referrer-Policy',
  'no-referrer',
  'X-Request-Id',
] as const;

const NONE: readonly string[] = [];

/** How long an answer given before its request was read waits for the client to notice. */
const LINGER_MS = 1000;

export function createSend(deps: SendDeps): Send {
  const { issuerUrl, bases, upstream, random, brand = () => PLAIN } = deps;
  const toAnswer = createToAnswer({ issuerUrl, pagesUrl: bases.browser, brand }, random);
  const basicChallenge = ['WWW-Authenticate', `Basic ${toRealm(issuerUrl)}`];

  const write = (exchange: Exchange, answer: Answer, caching: readonly string[]): void => {
    const { entry, headers, request, requestId, response } = exchange;
    if (response.destroyed) return;
    const bytes = Buffer.byteLength(answer.body);
    response.writeHead(answer.status, [
      ...answer.headers,
      ...(answer.status === 204 ? NONE : ['Content-Length', String(bytes)]),
      ...caching,
      ...corsHeaders(entry, headers['origin'], request.method === 'OPTIONS'),
      ...EVERYWHERE,
      requestId,
    ]);
    finish(exchange, answer.body, bytes);
  };

  const languageFor =
    ({ headers, query }: Exchange): ChooseLanguage =>
    (uiLocales = findUiLocales(query)) =>
      chooseLanguage(
        { uiLocales, acceptLanguage: headers['accept-language'] },
        brand().defaultLanguage,
      );

  /**
   * What caches may do. A shared one would hand the code of one person to the next.
   *
   * @param isRead in the language of whoever asks.
   */
  const caching = ({ entry }: Exchange, isRead: boolean, maxAge?: number): readonly string[] => {
    if (maxAge !== undefined) return ['Cache-Control', `public, max-age=${maxAge}`];
    if (entry?.caller !== 'person') return NO_STORE;
    const names = [
      ...(isRead ? ['accept-language'] : NONE),
      ...(entry.listener === 'browser' ? upstream().headerNames : NONE),
    ];
    return [...NO_STORE_PRIVATE, ...(names.length === 0 ? NONE : ['Vary', names.join(', ')])];
  };

  return {
    answer: (exchange, response, more = NONE) => {
      if (response.kind === 'silence') {
        void response.until.then(() => exchange.response.destroy());
        return;
      }
      const maxAge = response.kind === 'json' ? response.maxAge : undefined;
      const answer = toAnswer(response, languageFor(exchange));
      const isRead = response.kind === 'page' || response.kind === 'form_post';
      write(exchange, withMore(answer, more), caching(exchange, isRead, maxAge));
    },
    failure: (exchange, failure, more = NONE) => {
      const { entry, requestId } = exchange;
      const { status, code, description, reason } = failure;
      const answer = toAnswer(
        entry?.caller === 'person'
          ? { kind: 'page', status, page: { kind: 'error', code, reason, description, requestId } }
          : { kind: 'json', status, body: { error: code, error_description: description } },
        languageFor(exchange),
      );
      const challenge = code === 'invalid_client' ? basicChallenge : [];
      const headers = [...failure.headers, ...challenge, ...more];
      write(exchange, withMore(answer, headers), caching(exchange, true));
    },
  };
}

const withMore = (answer: Answer, more: readonly string[]): Answer =>
  more.length === 0 ? answer : { ...answer, headers: [...answer.headers, ...more] };

/**
 * Ends the answer; where the request is still arriving, only after the client had time to read it.
 * Closing at once would reset the connection and take the answer with it (RFC 9112 §9.6).
 */
function finish({ request, response, headers }: Exchange, body: string, bytes: number): void {
  const isRead = request.complete || !announcesBody({ headers });
  if (response.shouldKeepAlive || isRead || request.method === 'HEAD') {
    // As many bytes as characters: ASCII, which in Latin-1 is written by copying.
    response.end(body, bytes === body.length ? 'latin1' : 'utf8');
    return;
  }
  response.write(body);
  request.socket.uncork(); // now: if what follows does not parse, Node drops what is still waiting
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  request.once('end', end).once('close', end).resume();
}
