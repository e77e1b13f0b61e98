// The whole program, started as by `asteroid serve`, whose wall clock its parent can step. The bundle of
// the suite begins here; nothing of it ships.

const realNow = Date.now;
let offset = 0;
Date.now = () => realNow() + offset;

process.on('message', (milliseconds: number) => {
  offset = milliseconds;
});
// Being told the time is no reason to stay, and there is none without whoever tells it.
process.channel?.unref();
process.on('disconnect', () => process.exit(1));

await import('../../cmd/asteroid/main.ts');
