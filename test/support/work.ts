/** Tells how much of a processor was taken since, in milliseconds: that others had it meanwhile does not count. */
export function startWork(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}
