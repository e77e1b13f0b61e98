// What is asked of memory in one turn of the event loop is answered at its end, together, as by a server
// whose replies come in one packet. Answered at once, each request would go its whole way alone: its
// answer a wake-up of its own for whoever waits at the other end, and every step of it cold to the
// processor. That is a quarter of what a token costs.

type Verb = (...args: never) => Promise<unknown>;

/** The same verbs, executed at the end of the turn in which they are called, in the order of their calls. */
export function answerTogether<Verbs extends { readonly [Name in keyof Verbs]: Verb }>(
  verbs: Verbs,
): Verbs {
  let turn: Promise<void> | undefined;

  function endOfTurn(): Promise<void> {
    turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = undefined;
        resolve();
      });
    });
    return turn;
  }

  const later =
    (verb: Verb) =>
    (...args: never) =>
      endOfTurn().then(() => verb(...args));
  const entries = Object.entries<Verb>(verbs).map(([name, verb]) => [name, later(verb)] as const);
  // Each of them by its own name, with its own arguments and answer.
  return Object.fromEntries(entries) as Verbs;
}
