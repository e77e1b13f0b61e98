// What an API server would say of a manifest: the schemas of Kubernetes itself in their strict form,
// which knows no other field than those it names, and the CustomResourceDefinitions of operators.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { TOOLS } from './programs.ts';
import { at, listAt, mapAt, nameOf, parseDocuments, type Tree, textAt } from './tree.ts';

/** The oldest that the chart is for, and the newest that there are schemas of. */
export const RELEASES = ['1.30', '1.37'] as const;
export type Release = (typeof RELEASES)[number];

const HOST = 'kube://schemas';

/** Patterns are those of Go, which can say at their beginning that letters of both cases are meant. */
const toRegExp = Object.assign(
  (pattern: string, flags: string): RegExp =>
    pattern.includes('(?i)')
      ? new RegExp(pattern.replace('(?i)', ''), `${flags}i`)
      : new RegExp(pattern, flags),
  { code: 'new RegExp' },
);

// The schemas name formats (int32, quantity) that JSON Schema does not know.
const createAjv = (): Ajv2020 =>
  new Ajv2020({
    strict: false,
    validateFormats: false,
    allErrors: true,
    code: { regExp: toRegExp },
  });

const readJson = (file: string): Tree => JSON.parse(readFileSync(file, 'utf8'));

type Judge = { readonly ajv: Ajv2020; readonly known: Map<string, ValidateFunction | undefined> };
const judges = new Map<Release, Judge>();

function judgeOf(release: Release): Judge {
  const made = judges.get(release);
  if (made !== undefined) return made;
  const ajv = createAjv();
  const definitions = readJson(path.join(TOOLS, `kubernetes-${release}/_definitions.json`));
  ajv.addSchema(mapAt(definitions), `${HOST}/api/_definitions.json`);
  const judge = { ajv, known: new Map<string, ValidateFunction | undefined>() };
  judges.set(release, judge);
  return judge;
}

/** `apps/v1`, `Deployment` → the name that its schema is stored under. */
const fileOf = (apiVersion: string, kind: string): string =>
  `${kind}-${apiVersion.replace(/^([^./]*)[^/]*\//, '$1-')}.json`.toLowerCase();

function schemaOf(release: Release, apiVersion: string, kind: string) {
  const { ajv, known } = judgeOf(release);
  const key = `${apiVersion} ${kind}`;
  if (known.has(key)) return known.get(key);
  const file = path.join(TOOLS, `kubernetes-${release}`, fileOf(apiVersion, kind));
  const own = existsSync(file)
    ? { ...mapAt(readJson(file)), $id: `${HOST}/api/${path.basename(file)}` }
    : resources().get(key);
  const schema = own === undefined ? undefined : ajv.compile(own);
  known.set(key, schema);
  return schema;
}

let found: ReadonlyMap<string, Record<string, Tree>> | undefined;

/** `monitoring.coreos.com/v1 ServiceMonitor` → the schema in its CustomResourceDefinition. */
function resources(): ReadonlyMap<string, Record<string, Tree>> {
  found ??= new Map(
    readdirSync(path.join(TOOLS, 'crds'))
      .filter((name) => name.endsWith('.yaml') || name.endsWith('.yml'))
      .flatMap((name) => parseDocuments(readFileSync(path.join(TOOLS, 'crds', name), 'utf8')))
      .filter((tree) => at(tree, 'kind') === 'CustomResourceDefinition')
      .flatMap((tree) => {
        const [group, kind] = [
          textAt(tree, 'spec', 'group'),
          textAt(tree, 'spec', 'names', 'kind'),
        ];
        return listAt(tree, 'spec', 'versions').map((version) => {
          const schema = at(version, 'schema', 'openAPIV3Schema');
          return [`${group}/${textAt(version, 'name')} ${kind}`, withHead(closed(schema))] as const;
        });
      }),
  );
  return found;
}

/** An API server that is asked to be strict refuses what no schema names; so do we. */
function closed(schema: Tree): Record<string, Tree> {
  const inner = Object.fromEntries(
    Object.entries(mapAt(schema)).map(([key, value]) => {
      if (key === 'properties') {
        const members = Object.entries(mapAt(value)).map(([name, of]) => [name, closed(of)]);
        return [key, Object.fromEntries(members)];
      }
      const isSchema = key === 'items' || (key === 'additionalProperties' && value !== true);
      return [key, isSchema ? closed(value) : value];
    }),
  );
  const isOpen =
    inner['properties'] === undefined ||
    inner['additionalProperties'] !== undefined ||
    inner['x-kubernetes-preserve-unknown-fields'] === true;
  return isOpen ? inner : { ...inner, additionalProperties: false };
}

const withHead = (schema: Record<string, Tree>): Record<string, Tree> => ({
  ...schema,
  properties: {
    ...mapAt(schema, 'properties'),
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', required: ['name'] },
  },
});

/** What is wrong with each object; nothing when an API server would take them all. */
export function findSchemaProblems(objects: readonly Tree[], release: Release): readonly string[] {
  return objects.flatMap((object) => {
    const schema = schemaOf(release, textAt(object, 'apiVersion'), textAt(object, 'kind'));
    if (schema === undefined) return [`${nameOf(object)}: ${release} has no such kind`];
    if (schema(object)) return [];
    return (schema.errors ?? []).map(({ instancePath, message = '', params }) => {
      const field = textAt(params, 'additionalProperty');
      return `${nameOf(object)}: ${instancePath} ${message}${field === '' ? '' : `: ${field}`}`;
    });
  });
}
