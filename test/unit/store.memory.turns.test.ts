import { describe, expect, it } from 'vitest';
import { answerTogether } from '../../internal/store/memory/turns.ts';

function createVerbs() {
  const calls: string[] = [];
  const verbs = {
    async say(word: string, times: number) {
      calls.push(word);
      return word.repeat(times);
    },
    async fail() {
      calls.push('fail');
      throw new Error('out of words');
    },
  };
  return { calls, verbs: answerTogether(verbs) };
}

const endOfTurn = () => new Promise(setImmediate);

describe('verbs of the memory store that are answered together (N7)', () => {
  it('are executed at the end of the turn, in the order of their calls, and answer what they would', async () => {
    const { calls, verbs } = createVerbs();
    const failed = expect(verbs.fail()).rejects.toThrow('out of words');
    const said = Promise.all([verbs.say('a', 1), verbs.say('b', 2)]);
    await Promise.resolve();
    expect(calls).toEqual([]);

    await endOfTurn();

    expect(calls).toEqual(['fail', 'a', 'b']);
    expect(await said).toEqual(['a', 'bb']);
    await failed;
  });

  it('are executed in the next turn when their call comes of an answer', async () => {
    const { calls, verbs } = createVerbs();
    const first = verbs.say('a', 1).then(() => verbs.say('c', 1));
    void verbs.say('b', 1);

    await endOfTurn();
    expect(calls).toEqual(['a', 'b']);

    expect(await first).toBe('c');
    expect(calls).toEqual(['a', 'b', 'c']);
  });
});
