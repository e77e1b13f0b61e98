// What a run is asked for, by the environment.

/** How long a row is measured in one round; below 1 a run only shows that the rig works. */
export const SECONDS = Number(process.env['BENCH_SECONDS'] || '1');
export const IS_TRIAL = SECONDS < 1;
export const ROUNDS = IS_TRIAL ? 1 : 3;

/** Names of an environment variable that are separated by semicolons or commas; undefined: all of them. */
function readNames(variable: string): readonly string[] | undefined {
  const text = process.env[variable]?.trim();
  if (text === undefined || text === '') return undefined;
  return text.split(text.includes(';') ? ';' : ',').map((name) => name.trim());
}

/** Whether a part of the benchmark is wanted. */
export function isPartWanted(name: string): boolean {
  return readNames('BENCH_PARTS')?.includes(name) ?? true;
}

/** The rows that are wanted alone; undefined: all. */
export const ONLY_ROWS: readonly string[] | undefined = readNames('BENCH_ROWS');

/** As much as is asked for, or what is enough to show that it works. */
export const amount = (whole: number, trial: number): number => (IS_TRIAL ? trial : whole);
