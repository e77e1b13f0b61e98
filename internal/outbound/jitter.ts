const MAX = 0xffff_ffff;

/** Between three and five quarters: what failed together is not tried again together. */
export function randomFactor(random: (bytes: number) => string): number {
  const number = Buffer.from(random(4), 'base64url').readUInt32BE();
  return 0.75 + number / MAX / 2;
}
