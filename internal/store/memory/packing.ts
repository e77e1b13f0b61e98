// A value as a list of its members in one order: names that a million records have in common are written
// once, in the source.

/** Every member that the type has, in the order in which they are kept: a new one has to be added here. */
type Members<Shape> = { readonly [Name in keyof Required<Shape>]: true };

export type Packing<Shape> = {
  pack(shape: Shape): readonly unknown[];
  unpack(packed: readonly unknown[]): Shape;
};

/** For lists that become JSON: a member that is absent is null there, and at the end nothing at all. */
export function createPacking<Shape extends object>(members: Members<Shape>): Packing<Shape> {
  const names = Object.keys(members) as (keyof Shape)[];
  return {
    pack(shape) {
      const packed = names.map((name) => shape[name]);
      while (packed.length > 0 && packed.at(-1) === undefined) packed.pop();
      return packed;
    },
    unpack(packed) {
      const shape: Partial<Shape> = {};
      names.forEach((name, n) => {
        const value = packed[n] ?? undefined;
        if (value !== undefined) shape[name] = value as Shape[typeof name];
      });
      return shape as Shape;
    },
  };
}
