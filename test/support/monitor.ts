import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from './until.ts';

export type Monitor = {
  /**
   * What clients asked for since, by command name; what scripts did on their own is not counted. Waits
   * for so many, and a little for more.
   */
  take(count?: number): Promise<readonly string[]>;
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
    async take(count = 0) {
      await until(() => toNames(text).length >= count);
      await pause(50);
      const names = toNames(text);
      text = '';
      return names;
    },
    stop: () => socket.destroy(),
  };
}

const toNames = (text: string): readonly string[] =>
  text
    .split('\r\n')
    .flatMap((line) => /^\+[\d.]+ \[\d+ [^l][^\]]*\] "(\w+)"/.exec(line)?.[1] ?? []);
