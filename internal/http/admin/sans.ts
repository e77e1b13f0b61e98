// What the certificate of a connection names, where it is one of an operator's.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Presented } from '../../admin/caller.ts';
import { readCertificate } from '../../certificates/certificate.ts';

/** Undefined without one that the CA of operators issued, and TLS has verified. */
export type FindSans = (request: Pick<IncomingMessage, 'socket'>) => Presented['certificate'];

/** @param isDisowned the CA that vouched for what this connection showed is trusted no more. */
export const createFindSans =
  (isDisowned: (socket: Socket) => boolean): FindSans =>
  ({ socket }) => {
    if (!(socket instanceof TLSSocket) || !socket.authorized || isDisowned(socket)) {
      return undefined;
    }
    const shown = socket.getPeerX509Certificate();
    const certificate = shown && readCertificate(shown, true);
    if (certificate === undefined) return undefined;
    const { dns, uri } = certificate.sans;
    return { sans: [...dns.map((name) => `dns:${name}`), ...uri.map((name) => `uri:${name}`)] };
  };
