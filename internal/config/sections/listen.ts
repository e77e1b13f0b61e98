// Where Asteroid answers: TCP addresses or Unix sockets, with TLS of its own if wanted.

import * as z from 'zod';
import { count, fileName, later, section, text } from '../fields.ts';

const tls = () =>
  section({
    cert_file: fileName().meta({
      description: 'Certificate chain, PEM',
      examples: ['/run/tls/tls.crt'],
    }),
    key_file: fileName().meta({ description: 'Private key, PEM', examples: ['/run/tls/tls.key'] }),
  });

type Tls = z.output<ReturnType<typeof tls>> & { readonly client_ca_file?: string | undefined };

type TcpListener = {
  readonly host: string;
  readonly port: number;
  readonly tls: Tls | undefined;
};

export type SocketListener = {
  /** A path; `RUNTIME_DIRECTORY`, where it is set, is the base of a relative one. */
  readonly socket: string;
  /** Permission bits. */
  readonly mode: number;
  readonly group: string | number | undefined;
  readonly tls: Tls | undefined;
};

export type Listener = TcpListener | SocketListener;

export const isSocket = (listener: Listener): listener is SocketListener => 'socket' in listener;

const HOST = '127.0.0.1';
const PORT_HINT = 'TCP port, 0 for any free one';

const mode = () =>
  z
    .string({ error: 'has to be permission bits in quotes, as in "0660"' })
    .regex(/^0?[0-7]{3}$/, 'has to be permission bits in quotes, as in "0660"')
    .transform((digits) => Number.parseInt(digits, 8));

/** Without a `port` of its own the operator has to name one, or a socket. */
const listener = (port: number | undefined) =>
  section({
    host: text().optional().meta({
      description: 'Address to listen on; 0.0.0.0 or "::" is every address',
      default: HOST,
    }),
    port: count(0, 65535)
      .optional()
      .meta({
        description: PORT_HINT,
        ...(port === undefined ? { examples: [8882] } : { default: port }),
      }),
    socket: text()
      .optional()
      .meta({
        description: 'Path of a Unix socket, instead of host and port',
        examples: ['/run/asteroid/asteroid.sock'],
      }),
    mode: mode().prefault('0660').meta({ description: 'Permission bits of the Unix socket' }),
    group: z
      .union([text(), count(0, 2 ** 32 - 2)], { error: 'has to be a group name or number' })
      .optional()
      .meta({ description: 'Group of the Unix socket, by name or number', examples: ['asteroid'] }),
    tls: later(tls).optional().meta({ description: 'TLS spoken by Asteroid itself' }),
  })
    .superRefine((given, context) => {
      const say = (path: string, message: string) =>
        context.addIssue({ code: 'custom', path: [path], message });
      const both = 'cannot be combined with socket; remove one of the two';
      if (given.socket !== undefined) {
        if (given.host !== undefined) say('host', both);
        if (given.port !== undefined) say('port', both);
      } else if (given.port === undefined && port === undefined) {
        say('port', 'is missing; give a port, or a socket');
      }
    })
    .transform((given): Listener => {
      const { socket, host = HOST, group, tls: terms } = given;
      if (socket !== undefined) return { socket, mode: given.mode, group, tls: terms };
      return { host, port: given.port ?? port ?? 0, tls: terms };
    });

const optionalListener = () => listener(undefined);

/** It is there for its certificates: TCP, and never without TLS. */
const certificateListener = () =>
  section({
    host: text().default(HOST).meta({
      description: 'Address to listen on; 0.0.0.0 or "::" is every address',
    }),
    port: count(0, 65535).meta({ description: PORT_HINT, examples: [8883] }),
    tls: tls()
      .extend({
        client_ca_file: fileName()
          .optional()
          .meta({
            description:
              'CA that issues certificates of clients, PEM, for tls_client_auth; never that of upstream.trust.mtls',
            examples: ['/run/tls/clients-ca.pem'],
          }),
      })
      .meta({ description: 'TLS spoken by Asteroid itself' }),
  });

export const listen = () =>
  section({
    public: listener(8880)
      .prefault({})
      .meta({ description: 'Every endpoint that browsers and clients use' }),
    browser: later(optionalListener).optional().meta({
      description:
        'Optional: the endpoints that read the identity move here and leave `public`, so that the proxy need not tell paths apart',
    }),
    mtls: later(certificateListener).optional().meta({
      description:
        'Optional: the endpoints that programs use once more, where every client is asked for its certificate (RFC 8705)',
    }),
    admin: listener(8881).prefault({}).meta({ description: 'Probes; keep it off the network' }),
    health: later(optionalListener).optional().meta({
      description: 'Optional: the probes once more, for kubelet',
    }),
  });
