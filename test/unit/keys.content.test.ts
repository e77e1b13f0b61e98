import { describe, expect, it } from 'vitest';
import {
  type Content,
  EMPTY,
  mergeContents,
  parseContent,
  printContent,
  removeFrom,
} from '../../internal/keys/store/content.ts';
import { DAY, HOUR, START } from '../support/keys.ts';

const key = (kid: string, activeFrom = START, kind = 'ES256') => ({
  ...{ kid, kind, activeFrom, text: `text of ${kid}` },
});
const content = (...kids: readonly string[]): Content => ({
  keys: kids.map((kid) => key(kid)),
  removed: [],
});
const TERMS = { now: START, tokenLifetime: HOUR };
const kidsOf = ({ keys }: Content) => keys.map(({ kid }) => kid);

describe('what is known here and what is in the store, as one', () => {
  it('is the very content of the store where that has everything', () => {
    const stored = content('a', 'b');

    expect(mergeContents(content('b'), stored, TERMS)).toBe(stored);
    expect(mergeContents(EMPTY, stored, TERMS)).toBe(stored);
    expect(mergeContents(EMPTY, EMPTY, TERMS)).toBe(EMPTY);
  });

  it('is both', () => {
    expect(kidsOf(mergeContents(content('a', 'b'), content('c'), TERMS))).toEqual(['c', 'a', 'b']);
    expect(kidsOf(mergeContents(content('a'), EMPTY, TERMS))).toEqual(['a']);
  });

  it('has nothing that was removed, whichever of the two remembers it', () => {
    const removed = [{ kid: 'a', removedAt: START }];
    const forgot = content('a', 'b');
    const remembers = { ...content('b'), removed };

    for (const merged of [
      mergeContents(remembers, forgot, TERMS),
      mergeContents(forgot, remembers, TERMS),
      mergeContents({ ...EMPTY, removed }, forgot, TERMS),
    ]) {
      expect(kidsOf(merged)).toEqual(['b']);
      expect(merged.removed).toEqual(removed);
    }
    expect(mergeContents(forgot, remembers, TERMS)).toBe(remembers);
  });

  it('remembers what each of them removed', () => {
    const one = { keys: [key('c')], removed: [{ kid: 'a', removedAt: 1 }] };
    const other = { keys: [key('c')], removed: [{ kid: 'b', removedAt: 2 }] };

    expect(mergeContents(one, other, TERMS).removed).toEqual([...other.removed, ...one.removed]);
  });

  // Whose clock is behind would bring back what another one ended, again and again.
  it('has no key back that another replica ended, although its clock is half a day ahead', () => {
    const known = { keys: [key('old'), key('new', START + DAY)], removed: [] };
    const stored = { keys: [key('new', START + DAY)], removed: [] };
    const ended = START + DAY + 90 * DAY;
    const at = (now: number) => kidsOf(mergeContents(known, stored, { ...TERMS, now }));

    expect(at(ended)).toEqual(['new']);
    expect(at(ended - DAY / 2)).toEqual(['new']);
    expect(at(ended - 2 * DAY)).toEqual(['new', 'old']);
  });

  it('keeps keys of a kind that is not known here', () => {
    const known = { keys: [key('later', 1, 'ML-DSA-65')], removed: [] };

    expect(kidsOf(mergeContents(known, content('a'), TERMS))).toEqual(['a', 'later']);
  });
});

describe('removing a key', () => {
  it('leaves the others, and that it was removed', () => {
    expect(removeFrom(content('a', 'b'), 'a', START)).toEqual({
      keys: [key('b')],
      removed: [{ kid: 'a', removedAt: START }],
    });
  });

  it('is refused for the last one of its kind, and for one that is not there', () => {
    const mixed = { keys: [key('a'), key('s', START, 'seal')], removed: [] };

    expect(() => removeFrom(mixed, 'a', START)).toThrow('is the last ES256 key');
    expect(() => removeFrom(mixed, 'b', START)).toThrow('no key of the store has the kid b');
  });
});

describe('the text of a content', () => {
  it('is read as what was written', () => {
    const written = { ...content('a', 'b'), removed: [{ kid: 'c', removedAt: 1 }] };

    expect(parseContent(printContent(written))).toEqual(written);
  });

  it('is nothing when it is anything else', () => {
    for (const other of [
      ...['', 'null', '[]', '{}', '{"keys":[]}', '{"removed":[]}', '{"keys":{},"removed":[]}'],
      '{"keys":[null],"removed":[]}',
      '{"keys":[{"kid":"a","kind":"ES256","activeFrom":1}],"removed":[]}',
      '{"keys":[{"kid":1,"kind":"ES256","activeFrom":1,"text":""}],"removed":[]}',
      '{"keys":[{"kid":"a","kind":1,"activeFrom":1,"text":""}],"removed":[]}',
      '{"keys":[{"kid":"a","kind":"ES256","activeFrom":"1","text":""}],"removed":[]}',
      '{"keys":[{"kid":"a","kind":"ES256","activeFrom":1.5,"text":""}],"removed":[]}',
      '{"keys":[],"removed":[{"kid":"a"}]}',
      '{"keys":[],"removed":[{"removedAt":1}]}',
    ])
      expect(parseContent(other)).toBeUndefined();
  });
});
