// The options of a schema as a list: the one place that looks inside zod's schemas. Environment
// variables, the reference and the annotated sample are all made from it.

import * as z from 'zod';

export type Option = {
  /** As in the file; an entry of a list is `[]`, of a map `<name>`. */
  readonly path: readonly string[];
  readonly description: string;
  /** Undefined where the option itself is optional or has to be given. */
  readonly default: unknown;
  readonly example: unknown;
  /** It may be left out altogether, with all that it holds. */
  readonly isOptional: boolean;
  /** Sections hold other options and have no value of their own. */
  readonly isSection: boolean;
  /** What may stand there: the words to choose from, or a kind of value. */
  readonly values: string;
  /** Its value is text, whatever it looks like. */
  readonly isText: boolean;
  /** Inside a list or a map, so that no environment variable can name it. */
  readonly isInside: boolean;
};

type Schema = z.core.$ZodType;

/** Whether anything at or below a path is asked for. */
type IsWanted = (path: readonly string[]) => boolean;

/**
 * Depth first, in the order of the schema; sections come before what they hold.
 *
 * @param isWanted all, unless said: a schema that nobody asks for is not even made.
 */
export function listOptions(schema: Schema, isWanted: IsWanted = () => true): readonly Option[] {
  return walk(schema, [], false, isWanted).slice(1);
}

/** The variable of an option, or the beginning of those of a section. */
export const toVariable = (path: readonly string[]): string =>
  `ASTEROID_${path.join('_').toUpperCase()}`;

/** `ASTEROID_` and the path; undefined inside lists and maps. */
export const variableOf = ({ path, isInside, isSection }: Option): string | undefined =>
  isInside || isSection ? undefined : toVariable(path);

function walk(
  schema: Schema,
  path: readonly string[],
  isInside: boolean,
  isWanted: IsWanted,
): readonly Option[] {
  if (!isWanted(path)) return [];
  const { core, fallback, isOptional } = unwrap(schema);
  const isSection = core instanceof z.ZodObject;
  const meta = metaOf(schema);
  const standard = fallback ?? meta?.['default'];
  const own: Option = {
    path,
    description: meta?.description ?? '',
    default: isSection ? undefined : standard,
    example: meta?.['examples'],
    isOptional,
    isSection,
    values: valuesOf(core),
    isText: core instanceof z.ZodString || core instanceof z.ZodEnum,
    isInside,
  };
  return [
    own,
    ...partsOf(core).flatMap(([step, part]) => {
      const inside = isInside || !isSection;
      const at = step === '' ? path : [...path, step];
      return walk(part, at, inside, isWanted).slice(step === '' ? 1 : 0);
    }),
  ];
}

/** What is made later says for itself what it is. */
function metaOf(schema: Schema): z.core.GlobalMeta | undefined {
  const own = schema instanceof z.ZodType ? schema.meta() : undefined;
  return own === undefined && schema instanceof z.ZodLazy ? metaOf(schema.unwrap()) : own;
}

/** What a schema is beneath optionality, defaults and transformations. */
function unwrap(schema: Schema): {
  readonly core: Schema;
  readonly fallback: unknown;
  readonly isOptional: boolean;
} {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return { ...unwrap(schema.def.innerType), isOptional: true };
  }
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault) {
    return { ...unwrap(schema.def.innerType), fallback: schema.def.defaultValue };
  }
  if (schema instanceof z.ZodPipe) return unwrap(schema.def.in);
  if (schema instanceof z.ZodLazy) return unwrap(schema.unwrap());
  return { core: schema, fallback: undefined, isOptional: false };
}

/** The empty step stands for the schema itself: one of the forms that an entry may have. */
function partsOf(schema: Schema): readonly (readonly [string, Schema])[] {
  if (schema instanceof z.ZodObject) return Object.entries<Schema>(schema.shape);
  if (schema instanceof z.ZodRecord) return [['<name>', schema.def.valueType]];
  if (schema instanceof z.ZodDiscriminatedUnion) {
    return schema.def.options.map((option) => ['', option] as const);
  }
  if (!(schema instanceof z.ZodArray)) return [];
  const { core } = unwrap(schema.def.element);
  return core instanceof z.ZodString || core instanceof z.ZodEnum ? [] : [['[]', core]];
}

function valuesOf(schema: Schema): string {
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) {
    return [...('values' in schema ? schema.values : schema.options)].join(' | ');
  }
  if (schema instanceof z.ZodBoolean) return 'true | false';
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodArray) return 'list';
  if (schema instanceof z.ZodUnion)
    return schema.def.options.map((option) => valuesOf(unwrap(option).core)).join(' | ');
  return schema instanceof z.ZodString ? 'text' : 'map';
}
