import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export type Monitor = {
  /** What clients asked for since, by command name; what scripts did on their own is not counted. */
  take(): Promise<readonly string[]>;
  stop(): void;
};

/** Listens to everything that a Redis is asked (MONITOR). */
export async function startMonitor(port: number): Promise<Monitor> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.write('MONITOR\r\n');
  while (!text.includes('+OK')) await pause(5);
  text = '';
  return {
    async take() {
      await pause(50);
      const lines = text.split('\r\n');
      text = '';
      return lines.flatMap((line) => /^\+[\d.]+ \[\d+ [^l][^\]]*\] "(\w+)"/.exec(line)?.[1] ?? []);
    },
    stop: () => socket.destroy(),
  };
}
