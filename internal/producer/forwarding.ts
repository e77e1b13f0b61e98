// What a proxy says about the connection it forwards. Which of these names it sets, and how, differs from
// product to product; others it passes on as they came, and so do we.

import type { Line } from './plain.ts';

export type Hop = {
  /** Address of whoever connected. */
  readonly peer: string;
  /** As sent in Host. */
  readonly host: string;
  readonly port: string;
  /** What the client sent under this name, joined; undefined where it sent none. */
  readonly sent: (name: string) => string | undefined;
};

const MAKERS = {
  peer: ({ peer }) => peer,
  /** Behind what the client claims: whoever reads the first entry reads what anybody wrote. */
  appended: ({ peer, sent }, name) => {
    const before = sent(name);
    return before === undefined ? peer : `${before}, ${peer}`;
  },
  host: ({ host }) => host,
  port: ({ port }) => port,
  proto: () => 'http',
  server: () => 'asteroid',
} as const satisfies Readonly<Record<string, (hop: Hop, name: string) => string>>;

/** Name → what it says. */
export type Forwarding = { readonly [name: string]: keyof typeof MAKERS };

export const forwardingLines = (forwarding: Forwarding, hop: Hop): readonly Line[] =>
  Object.entries(forwarding).map(([name, maker]) => [name, MAKERS[maker](hop, name)] as const);
