/** A clock set back makes ages negative: what is that old is not trusted. */
export function isWithin(at: number, seconds: number, now: number): boolean {
  const age = now - at;
  return age >= 0 && age < seconds;
}
