type Present<Shape> = { readonly [Name in keyof Shape]?: Exclude<Shape[Name], undefined> };

/** The members that have a value: JSON has no `undefined`, and optional members here are exact. */
export const present = <Shape extends object>(shape: Shape): Present<Shape> =>
  Object.fromEntries(
    Object.entries(shape).filter(([, value]) => value !== undefined),
  ) as Present<Shape>;
