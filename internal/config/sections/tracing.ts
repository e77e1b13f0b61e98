// Where traces go, and whose word counts for which trace a request belongs to.

import * as z from 'zod';
import { fileName, section, shortText, textWith } from '../fields.ts';
import { findCidrProblem } from './cidr.ts';

function findUrlProblem(text: string): string | undefined {
  if (!/^https?:\/\/[!-~]+$/.test(text) || !URL.canParse(text)) {
    return 'is not an http URL; write it as http://collector.example.com:4318/v1/traces';
  }
  const { username, password, hash } = new URL(text);
  if (username !== '' || password !== '') return 'has credentials in it; use headers_file instead';
  return hash === '' ? undefined : 'has a fragment; remove it';
}

export const tracing = () =>
  section({
    endpoint: textWith(findUrlProblem).meta({
      description: 'Where spans are sent by POST, as OTLP over HTTP; the whole URL',
      examples: ['http://collector.example.com:4318/v1/traces'],
    }),
    sample: z.number().min(0).max(1).default(0.1).meta({
      description: 'Part of the traces that begin here and are recorded; 1 records all of them',
    }),
    service_name: shortText(255).default('asteroid').meta({
      description: 'What the issuer is called in traces',
    }),
    headers_file: fileName()
      .optional()
      .meta({
        description:
          'File with headers for the receiver, one `Name: value` a line; read for each batch',
        examples: ['/run/secrets/otlp-headers'],
      }),
    accept_from: z
      .array(textWith(findCidrProblem))
      .optional()
      .meta({
        description:
          'Address ranges whose traceparent is taken; left out: those of upstream.trust.peers. On a Unix socket it always is',
        examples: [['10.20.0.0/16']],
      }),
  });
