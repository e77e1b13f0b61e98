// A service that is asked before tokens are made.

import * as z from 'zod';
import { duration } from '../duration.ts';
import { fileName, section, textWith } from '../fields.ts';

function findUrlProblem(text: string): string | undefined {
  if (!/^https?:\/\/[!-~]+$/.test(text) || !URL.canParse(text)) {
    return 'is not an http URL; write it as https://hook.example.com/tokens';
  }
  const { username, password, hash } = new URL(text);
  if (username !== '' || password !== '')
    return 'has credentials in it; check the signature instead';
  return hash === '' ? undefined : 'has a fragment; remove it';
}

export const tokenHook = () =>
  section({
    url: textWith(findUrlProblem).meta({
      description: 'Asked by POST before tokens are made; may refuse them or add claims',
      examples: ['https://hook.example.com/tokens'],
    }),
    secret_file: fileName().meta({
      description: 'File with at least 32 bytes that questions are signed with',
      examples: ['/run/secrets/token-hook'],
    }),
    timeout: duration({ min: 0.05, max: 30 })
      .prefault('1s')
      .meta({ description: 'Time for a whole answer' }),
    on_failure: z.enum(['refuse', 'continue']).default('refuse').meta({
      description:
        'What happens when it cannot tell: refuse answers 503, continue makes tokens without its claims',
    }),
  });
