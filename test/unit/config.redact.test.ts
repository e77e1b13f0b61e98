// What operators read of the configuration over the network, option by option: no secret stands in it.

import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { configSchema } from '../../internal/config/config.ts';
import { redactConfig } from '../../internal/config/redact.ts';

type Json = { readonly [name: string]: unknown };

const SCHEMA: Json = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });

/** Every option that says what it is, with the path to it. */
function listOptions(schema: unknown, path = ''): readonly (readonly [string, Json])[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, items, anyOf, oneOf, allOf, additionalProperties } = schema as Json;
  const inner = Object.entries(properties as Json).flatMap(([name, one]) => [
    [`${path}.${name}`, one as Json] as const,
    ...listOptions(one, `${path}.${name}`),
  ]);
  const forms = [anyOf, oneOf, allOf].flatMap((one) => (Array.isArray(one) ? one : []));
  return [
    ...inner,
    ...forms.flatMap((one) => listOptions(one, path)),
    ...listOptions(items, `${path}[]`),
    ...listOptions(additionalProperties, `${path}.*`),
  ];
}

const OPTIONS = listOptions(SCHEMA);

/** As secrets are called, where the value and not the name of a file is meant. */
const SECRET = /(secret|password|passphrase|token|hash|credential|private_key|salt|api_key)$/;

/** How long tokens live, by their names. */
const LENGTHS = '.lifetimes.';

/** Sections, numbers and switches of such a name, and names of headers. */
const isText = ({ type, properties }: Json): boolean =>
  properties === undefined && (type === undefined || type === 'string');

describe('the configuration as operators read it', () => {
  it('marks every option that is called like a secret as one (writeOnly)', () => {
    const named = OPTIONS.filter(
      ([path, schema]) => SECRET.test(path) && isText(schema) && !path.startsWith(LENGTHS),
    );
    const bare = named.filter(([, schema]) => schema['writeOnly'] !== true);

    expect(named.length).toBeGreaterThan(1);
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  it('finds each option that is marked', () => {
    const marked = OPTIONS.filter(([, schema]) => schema['writeOnly'] === true);

    expect([...new Set(marked.map(([path]) => path))]).toEqual([
      '.admin.tokens[].hash',
      '.registration.initial_access_tokens[].hash',
    ]);
  });

  it('has none of them, no password of a URL, and all that is none', () => {
    const canary = (name: string) =>
      `$sha256$${Buffer.alloc(32, name).toString('base64').replace(/=+$/, '')}`;
    const config = configSchema.parse({
      issuer: 'https://sso.example',
      listen: { public: { port: 1 } },
      upstream: { trust: { secret: { files: ['upstream'] } } },
      store: { driver: 'redis', redis: { url: 'redis://user:canary-of-a-url@redis.example:6379' } },
      admin: { tokens: [{ name: 'deploy', hash: canary('one'), role: 'write' }] },
      registration: { initial_access_tokens: [{ hash: canary('two') }] },
    });

    const told = JSON.stringify(redactConfig(config));

    for (const secret of [canary('one'), canary('two'), 'canary-of-a-url']) {
      expect(JSON.stringify(config)).toContain(secret);
      expect(told).not.toContain(secret);
    }
    for (const shown of ['redis.example:6379', 'deploy', 'https://sso.example', '[redacted]']) {
      expect(told).toContain(shown);
    }
  });
});
