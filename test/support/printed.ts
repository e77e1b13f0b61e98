// What a page says that a command prints, held against what it printed. `…` stands for anything; a name with `…` in it
// stands for the same value wherever the page has it again.

export type Names = Map<string, string>;

const REST = '…';
/** Whole seconds since 2001 and more are moments: no page can say which. */
const MOMENTS_FROM = 1_000_000_000;

/** The page's JSON, in which `…` stands for further members. */
export function parsePrinted(text: string): unknown {
  const joined = text.replaceAll(/\n */g, '');
  return JSON.parse(
    joined
      .replaceAll(/([{,])…(?=\})/g, `$1"${REST}":0`)
      .replaceAll(/([[,])…(?=\])/g, `$1"${REST}"`),
  );
}

/** Where they differ, or undefined. Names are learned on the way. */
export function findDifference(printed: unknown, real: unknown, names: Names): string | undefined {
  if (typeof printed === 'string') return differsAsText(printed, real, names);
  if (typeof printed === 'number' && typeof real === 'number') {
    const isMoment = printed >= MOMENTS_FROM && real >= MOMENTS_FROM;
    return isMoment || printed === real ? undefined : say(printed, real);
  }
  if (typeof printed !== 'object' || printed === null) {
    return printed === real ? undefined : say(printed, real);
  }
  if (typeof real !== 'object' || real === null || Array.isArray(printed) !== Array.isArray(real)) {
    return say(printed, real);
  }
  return Array.isArray(printed) && Array.isArray(real)
    ? differsAsList(printed, real, names)
    : differsAsObject(Object.entries(printed), new Map(Object.entries(real)), names);
}

function differsAsList(
  printed: readonly unknown[],
  real: readonly unknown[],
  names: Names,
): string | undefined {
  const isOpen = printed.at(-1) === REST;
  const said = isOpen ? printed.slice(0, -1) : printed;
  if (isOpen ? real.length < said.length : real.length !== said.length) return say(printed, real);
  return first(said.map((one, n) => () => findDifference(one, real[n], names)));
}

function differsAsObject(
  printed: readonly (readonly [string, unknown])[],
  real: ReadonlyMap<string, unknown>,
  names: Names,
): string | undefined {
  const said = printed.filter(([name]) => name !== REST);
  const unsaid = [...real.keys()].filter((name) => !said.some(([one]) => one === name));
  if (said.length === printed.length && unsaid.length > 0) return `does not say ${unsaid}`;
  const missing = said.filter(([name]) => !real.has(name)).map(([name]) => name);
  if (missing.length > 0) return `says ${missing}, which there is not`;
  return first(
    said.map(([name, value]) => () => {
      const difference = findDifference(value, real.get(name), names);
      return difference && `${name}: ${difference}`;
    }),
  );
}

const first = (checks: readonly (() => string | undefined)[]): string | undefined => {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Text of either side, JSON or not. */
function differsAsText(printed: string, real: unknown, names: Names): string | undefined {
  if (typeof real !== 'string') return say(printed, real);
  const known = names.get(printed);
  if (known !== undefined) return known === real ? undefined : say(known, real);
  if (!printed.includes(REST)) return printed === real ? undefined : say(printed, real);
  // `dyn_3kX…` is an example of a name, `…/asteroid.yaml` the end of one.
  if (printed !== REST && printed.endsWith(REST)) names.set(printed, real);
  const end = printed.startsWith(REST) ? printed.slice(REST.length) : '';
  return real !== '' && real.endsWith(end) ? undefined : say(printed, real);
}

const say = (printed: unknown, real: unknown): string =>
  `says ${JSON.stringify(printed)}, and it is ${JSON.stringify(real)}`;
