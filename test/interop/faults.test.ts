import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultName } from '../../internal/testissuer/api.ts';
import { startWorld, type World } from './faults.fixture.ts';
import { ROWS, type Row } from './faults.rows.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.issuer.faults.clear());
afterAll(() => world.stop());

const tell = (error: unknown): string => {
  if (!(error instanceof Error)) return 'not an error';
  const { name, message, cause } = error;
  const own = ['code', 'error'].map((member) => Reflect.get(error, member));
  return [name, ...own, message, ...(cause === undefined ? [] : [tell(cause)])].join(' | ');
};

type Outcome = { readonly result?: unknown; readonly told: string };

const run = (row: Row, client: string): Promise<Outcome> =>
  row.journey(world, { ...row.visitor, client }).then(
    (result) => ({ result, told: 'accepted' }),
    (error: unknown) => ({ told: tell(error) }),
  );

/** Nobody says who reads these. */
const isForAll = (name: FaultName): boolean => /^(?:discovery|jwks)\./.test(name);

const says = ({ accepts, journey }: Row): string =>
  accepts === undefined
    ? `is refused by the library (${journey.name}), and happens once`
    : `is accepted by the library (${journey.name}), ${accepts.why}; and happens once`;

const rows = Object.entries(ROWS).map(([name, row]) => ({ name: name as FaultName, row }));

/** For one client where there can be one, and once. */
async function add(name: FaultName, row: Row): Promise<string> {
  const { client = 'web' } = row.visitor ?? {};
  // A key of an earlier case would be one more to choose from.
  await world.issuer.keys.rotate({ overlap: false });
  const when = isForAll(name) ? {} : { when: { client } };
  const given = row.with === undefined ? {} : { with: row.with };
  world.issuer.faults.add({ do: name, ...when, ...given, times: 1 });
  return client;
}

describe.each(rows)('$name', ({ name, row }) => {
  const honest = row.otherwise ?? /^accepted$/;

  it(says(row), async () => {
    const client = await add(name, row);
    await row.before?.(world);
    const since = world.wire.length;

    const { result, told } = await run(row, client);
    const isOver = world.issuer.faults.list().length === 0;
    const wire = world.wire.slice(since);
    const { told: toldAgain } = await run(row, client);

    expect(told).toMatch(row.refuses ?? /^accepted$/);
    row.accepts?.check({ result, wire });
    expect(isOver, 'it happened').toBe(true);
    expect(toldAgain).toMatch(honest);
  });
});

describe.each(rows.filter(({ name }) => !isForAll(name)))('$name', ({ name, row }) => {
  it('does not happen to another client', async () => {
    const client = await add(name, row);

    const { told } = await run(row, `${client}-other`);

    expect(told).toMatch(row.otherwise ?? /^accepted$/);
    expect(world.issuer.faults.list()).toHaveLength(1);
  });
});
