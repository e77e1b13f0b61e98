import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { later, section } from '../../internal/config/fields.ts';
import { listOptions } from '../../internal/config/options.ts';

function makeSchema() {
  const made: string[] = [];
  const inner = (name: string) => () => {
    made.push(name);
    return section({ url: z.string().meta({ description: 'Where' }) }).meta({ description: name });
  };
  const schema = section({
    hook: later(inner('hook')).optional(),
    nullable: later(inner('nullable')).nullish(),
    list: z.array(later(inner('list'))).default([]),
    map: z.record(z.string(), later(inner('map'))).default({}),
    always: section({ port: z.number().default(1) }).prefault({}),
  });
  return { made, schema };
}

describe('a section that most do without', () => {
  it('is not made where nothing is said of it', () => {
    const { made, schema } = makeSchema();

    expect(schema.parse({ nullable: null })).toEqual({
      nullable: null,
      list: [],
      map: {},
      always: { port: 1 },
    });
    expect(made).toEqual([]);
  });

  it('is made once, and holds what it is given', () => {
    const { made, schema } = makeSchema();
    const given = {
      hook: { url: 'a' },
      list: [{ url: 'b' }, { url: 'c' }],
      map: { d: { url: 'e' } },
    };

    expect(schema.parse(given)).toMatchObject(given);
    expect(schema.parse(given)).toMatchObject(given);
    expect(made).toEqual(['hook', 'list', 'map']);
  });

  for (const given of [
    { hook: {} },
    { hook: { url: 1 } },
    { hook: { url: 'a', urk: 1 } },
    { hook: null },
  ]) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      expect(makeSchema().schema.safeParse(given).success).toBe(false);
    });
  }

  it('is listed with what it holds, and not made for those who ask for another', () => {
    const { made, schema } = makeSchema();
    const wanted = (path: readonly string[]) => path.length === 0 || path[0] === 'always';

    expect(listOptions(schema, wanted).map(({ path }) => path.join('.'))).toEqual([
      'always',
      'always.port',
    ]);
    expect(made).toEqual([]);
    const all = listOptions(schema);
    expect(all.map(({ path }) => path.join('.'))).toEqual(
      expect.arrayContaining(['hook', 'hook.url', 'list.[].url', 'map.<name>', 'map.<name>.url']),
    );
    expect(all.find(({ path }) => path.join('.') === 'map.<name>')?.description).toBe('map');
  });

  it('stands in the JSON Schema as any other', () => {
    const { properties } = z.toJSONSchema(makeSchema().schema, { io: 'input' });

    expect(properties?.['hook']).toMatchObject({ properties: { url: { type: 'string' } } });
  });
});
