// The body of a form, bounded before a byte of it is kept. No stream of unknown length, no other
// media type, no content coding: what is not exactly a form is refused unread.

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
  transferCoding,
} from './errors.ts';
import type { Exchange } from './exchange.ts';

/** 64 KiB: a hundred times what a token request needs. */
const MAX_BODY = 65_536;

const FORM = 'application/x-www-form-urlencoded';
const FORM_IN_UTF8 =
  /^application\/x-www-form-urlencoded(?:[\t ]*;[\t ]*charset=(?:utf-8|"utf-8"))?$/i;

/** True when bytes follow the headers, whether or not anybody wants them. */
export function announcesBody({ headers }: Pick<Exchange, 'headers'>): boolean {
  const length = headers['content-length'];
  return (length !== undefined && Number(length) > 0) || headers['transfer-encoding'] !== undefined;
}

/** Throws unless the headers announce no body at all. */
export function checkNoBody(exchange: Exchange): void {
  if (announcesBody(exchange)) throw bodyUnexpected();
}

/** Throws unless the headers announce a form of acceptable size, or nothing; reads no body. */
export function checkFormHeaders({ request, headers }: Exchange): void {
  if (!announcesBody({ headers })) return;
  const coding = headers['transfer-encoding'];
  // HTTP/1.0 knows no chunks: something on the way did not understand them (RFC 9112 §6.1).
  const chunked = coding?.toLowerCase() === 'chunked' && request.httpVersionMinor > 0;
  if (coding !== undefined && !chunked) throw transferCoding();
  if (Number(headers['content-length'] ?? 0) > MAX_BODY) throw bodyTooLarge();
  if (headers['content-encoding'] !== undefined) throw contentCoding();
  const type = headers['content-type'] ?? '';
  if (type !== FORM && !FORM_IN_UTF8.test(type)) throw contentType();
}

/** The parameters of a form whose headers were checked; throws `invalid_request`. */
export async function readForm(exchange: Exchange): Promise<Params> {
  if (!announcesBody(exchange)) return parseParams('');
  const bytes = await readBytes(exchange.request);
  if (!isUtf8(bytes)) throw bodyBytes();
  return parseParams(bytes.toString('utf8'));
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
