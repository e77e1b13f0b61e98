type Present<Shape> = { readonly [Name in keyof Shape]?: Exclude<Shape[Name], undefined> };

/** The members that have a value: JSON has no `undefined`, and optional members here are exact. */
export function present<Shape extends object>(shape: Shape): Present<Shape> {
  const known: { -readonly [Name in keyof Shape]?: Shape[Name] } = {};
  for (const name in shape) {
    if (shape[name] !== undefined) known[name] = shape[name];
  }
  return known as Present<Shape>;
}
