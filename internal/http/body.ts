// The body of a form or of JSON, bounded before a byte of it is kept. No stream of unknown length, no
// other media type, no content coding: what is not exactly what the route takes is refused unread.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type Params, parseParams } from '../protocol/params.ts';
import {
  bodyBytes,
  bodyTooLarge,
  bodyUnexpected,
  clientGone,
  contentCoding,
  contentType,
  jsonType,
  transferCoding,
} from './errors.ts';
import type { Exchange } from './exchange.ts';

/** What is known of a request before its body. */
type Announced = Pick<Exchange, 'request' | 'headers'>;

/** 64 KiB: a hundred times what a token request needs. */
const MAX_BODY = 65_536;

const FORM = 'application/x-www-form-urlencoded';
const FORM_IN_UTF8 =
  /^application\/x-www-form-urlencoded(?:[\t ]*;[\t ]*charset=(?:utf-8|"utf-8"))?$/i;

const JSON_TYPE = /^application\/json(?:[\t ]*;[\t ]*charset=(?:utf-8|"utf-8"))?$/i;

/** True when bytes follow the headers, whether or not anybody wants them. */
export function announcesBody({ headers }: Pick<Exchange, 'headers'>): boolean {
  const length = headers['content-length'];
  return (length !== undefined && Number(length) > 0) || headers['transfer-encoding'] !== undefined;
}

/** Throws unless the headers announce no body at all. */
export function checkNoBody(exchange: Pick<Exchange, 'headers'>): void {
  if (announcesBody(exchange)) throw bodyUnexpected();
}

/** Throws unless the headers announce a form of acceptable size, or nothing; reads no body. */
export function checkFormHeaders(exchange: Announced): void {
  if (!announcesBody(exchange)) return;
  checkFraming(exchange);
  const type = exchange.headers['content-type'] ?? '';
  if (type !== FORM && !FORM_IN_UTF8.test(type)) throw contentType();
}

/** Throws unless the headers announce JSON of acceptable size, or nothing; reads no body. */
export function checkJsonHeaders(exchange: Announced): void {
  if (!announcesBody(exchange)) return;
  checkFraming(exchange);
  if (!JSON_TYPE.test(exchange.headers['content-type'] ?? '')) throw jsonType();
}

function checkFraming({ request, headers }: Announced): void {
  const coding = headers['transfer-encoding'];
  // HTTP/1.0 knows no chunks: something on the way did not understand them (RFC 9112 §6.1).
  const chunked = coding?.toLowerCase() === 'chunked' && request.httpVersionMinor > 0;
  if (coding !== undefined && !chunked) throw transferCoding();
  if (Number(headers['content-length'] ?? 0) > MAX_BODY) throw bodyTooLarge();
  if (headers['content-encoding'] !== undefined) throw contentCoding();
}

/** The parameters of a form whose headers were checked; throws `invalid_request`. */
export const readForm = async (exchange: Announced): Promise<Params> =>
  parseParams(announcesBody(exchange) ? toText(await readBytes(exchange.request)) : '');

/** The text of a body whose headers were checked, as it was sent: what it says is not looked at. */
export const readJson = async (exchange: Announced): Promise<string> =>
  announcesBody(exchange) ? toText(await readBytes(exchange.request)) : '';

function toText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw bodyBytes();
  return bytes.toString('utf8');
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > MAX_BODY) stop(bodyTooLarge());
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      request.off('close', onClose);
      const [first] = chunks;
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
    };
    const onClose = (): void => reject(clientGone());
    const stop = (refusal: Error): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      reject(refusal);
    };
    // Gone while its assertion was verified: no event would ever come.
    if (request.destroyed) return reject(clientGone());
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}
