// One request to the app and its answer back, streamed in both directions. Over node:http: a library would
// build the request from joined headers, in which two lines look like one.

import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { toClientHeaders } from './app-request.ts';
import { isSendable, type Line } from './plain.ts';

export type AppCall = {
  /** Origin of the app. */
  readonly to: URL;
  /** Host among them, and nothing about the connection or the body. */
  readonly lines: readonly Line[];
};

export type Answerless = (problem: string) => void;

/** @param failed the app gave no answer; whatever follows is up to whoever asked. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { to, lines }: AppCall,
  failed: Answerless,
): void {
  const asked = ask({
    ...targetOf(to, request),
    headers: [...lines, ...framingOf(request)].flat(),
    agent: false, // a connection that was kept may be one that the app has just closed
  });
  let problem = 'it upgraded what nobody asked it to'; // which ends without an error
  asked.on('response', (answer) => {
    if (isPassable(answer)) pass(request, response, answer);
    else asked.destroy(new Error('its status line is none that HTTP has'));
  });
  asked.on('error', (error) => {
    problem = codeOf(error);
  });
  asked.on('close', () => {
    if (!response.headersSent) failed(problem);
    else if (asked.errored !== null) response.destroy();
  });
  // Whoever went away must not keep the app busy.
  response.on('close', () => {
    if (!response.writableFinished) asked.destroy();
  });
  request.pipe(asked);
}

export const targetOf = ({ hostname, port }: URL, { method, url }: IncomingMessage) => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  port: port === '' ? 80 : port,
  ...(method === undefined ? {} : { method }),
  path: url ?? '/',
});

const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE']);

/** One way to say where the body ends, decided by the parser and never by what a client wrote twice. */
function framingOf({ headers, method = '' }: IncomingMessage): readonly Line[] {
  const length = headers['content-length'];
  if (headers['transfer-encoding'] !== undefined) return [['Transfer-Encoding', 'chunked']];
  if (length !== undefined) return [['Content-Length', length]];
  return BODILESS.has(method) ? [] : [['Content-Length', '0']];
}

/** Node reads more than it writes: a status of two digits, or a control character behind one, would end the process. */
const isPassable = ({ statusCode = 0, statusMessage = '' }: IncomingMessage): boolean =>
  statusCode >= 100 && isSendable(['', statusMessage]);

function pass(request: IncomingMessage, response: ServerResponse, answer: IncomingMessage): void {
  response.writeHead(
    answer.statusCode ?? 502,
    answer.statusMessage,
    toClientHeaders(answer.rawHeaders),
  );
  // The first event of a stream may be minutes away; that there is a stream is known at once.
  // Not flushHeaders: it writes the head in UTF-8, and makes two bytes of each that is not ASCII.
  response.write(Buffer.alloc(0));
  answer.on('error', () => response.destroy());
  // An app may answer before it has read everything, and reads no more then.
  response.on('finish', () => {
    request.unpipe();
    request.resume();
  });
  answer.pipe(response);
}

export const codeOf = (error: Error): string =>
  'code' in error ? String(error.code) : error.message;
