// The configuration as operators may read it over the network: what its schema marks as secret
// (`writeOnly`) is left out, and so is everything that no schema speaks for. Names decide nothing.

import * as z from 'zod';
import type { JsonValue } from '../protocol/claims.ts';
import { type Config, configSchema } from './config.ts';

type Schema = z.core.$ZodType;

/** What stands in the place of a secret. */
const REDACTED = '[redacted]';

/** With every default; lengths of time are seconds, names as in the file, files absolute. */
export const redactConfig = (config: Config): JsonValue => redact(config, configSchema);

function redact(value: unknown, schema: Schema | undefined): JsonValue {
  if (schema !== undefined && isSecret(schema)) return REDACTED;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  const core = schema === undefined ? undefined : unwrap(schema);
  if (typeof value === 'string') return core === undefined ? REDACTED : withoutCredentials(value);
  if (Array.isArray(value)) {
    const inner = core instanceof z.ZodArray ? core.def.element : arrayOf(core);
    return value.map((item) => redact(item, inner));
  }
  if (typeof value !== 'object') return REDACTED;
  const partOf = partsOf(core, value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [name, redact(inner, partOf(name))]),
  );
}

const isSecret = (schema: Schema): boolean =>
  (schema instanceof z.ZodType && schema.meta()?.['writeOnly'] === true) ||
  (inside(schema) !== undefined && isSecret(inside(schema) ?? schema));

/** What optionality, a default or a transformation is wrapped around. */
function inside(schema: Schema): Schema | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return schema.def.innerType;
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault)
    return schema.def.innerType;
  if (schema instanceof z.ZodPipe) return schema.def.in;
  return schema instanceof z.ZodLazy ? schema.unwrap() : undefined;
}

function unwrap(schema: Schema): Schema {
  const inner = inside(schema);
  return inner === undefined ? schema : unwrap(inner);
}

/** Of several forms, the one that a list could have. */
const arrayOf = (schema: Schema | undefined): Schema | undefined => {
  if (!(schema instanceof z.ZodUnion)) return undefined;
  const list = schema.def.options.map(unwrap).find((option) => option instanceof z.ZodArray);
  return list instanceof z.ZodArray ? list.def.element : undefined;
};

type PartOf = (name: string) => Schema | undefined;

/** Which schema speaks for a member; where several could, all of them have to agree that it is no secret. */
function partsOf(schema: Schema | undefined, value: object): PartOf {
  if (schema instanceof z.ZodObject) return (name) => ownOf(schema.shape, name);
  if (schema instanceof z.ZodRecord) return () => schema.def.valueType;
  if (!(schema instanceof z.ZodUnion)) return () => undefined;
  const all = schema.def.options.map((option) => partsOf(unwrap(option), value));
  return (name) => {
    const found = all.map((partOf) => partOf(name)).filter((part) => part !== undefined);
    return found.find(isSecret) ?? found[0];
  };
}

const ownOf = (shape: Readonly<Record<string, Schema>>, name: string): Schema | undefined =>
  Object.hasOwn(shape, name) ? shape[name] : undefined;

/** A URL may hold a password, whatever it is the URL of (RFC 3986 §3.2.1). */
const withoutCredentials = (text: string): string =>
  text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${REDACTED}@`);
