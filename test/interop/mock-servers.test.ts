import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ATTEMPTS, compare, type Outcome } from '../compare/attempts.ts';
import { type Compared, startAsteroid, startMockServer } from '../compare/issuers.ts';
import { readOutcomes, renderOutcomes } from '../compare/outcomes.ts';

const OURS = 'Asteroid';
const THEIRS = 'oauth2-mock-server';

let issuers: readonly [Compared, Compared];
let outcomes: readonly Outcome[];

beforeAll(async () => {
  issuers = [await startAsteroid(), await startMockServer()];
  outcomes = await compare(issuers);
});

afterAll(() => Promise.all(issuers.map(({ stop }) => stop())));

describe('a test issuer beside oauth2-mock-server', () => {
  it.each(ATTEMPTS)('refuses $what, and takes what is nearest to it and honest', ({ what }) => {
    const { bad, honest } = outcomes.find((outcome) => outcome.what === what) ?? {};

    expect(bad?.[OURS]).toBe(false);
    expect(honest?.[OURS]).toBe(true);
  });

  it('is compared by requests that the other one takes when they are honest', () => {
    const refused = outcomes.filter(({ honest }) => honest[THEIRS] !== true);

    expect(refused.map(({ what }) => what)).toEqual([]);
  });

  it('is compared by each attempt once', () => {
    expect(new Set(ATTEMPTS.map(({ what }) => what)).size).toBe(ATTEMPTS.length);
  });

  it('is what docs/mock-servers.md says, and so is the other one', () => {
    expect(readOutcomes()).toBe(renderOutcomes([OURS, THEIRS], outcomes));
  });
});
