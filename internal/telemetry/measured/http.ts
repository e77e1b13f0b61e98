// Counts requests and what they take.

import type { Numbers } from '../numbers.ts';

/** Told of each request once, when it is over. */
export type MeasureRequest = (over: RequestOver) => void;

type RequestOver = {
  /** Undefined for a path that is none of ours. */
  readonly endpoint: string | undefined;
  readonly method: string;
  /** Undefined where nobody was there any more to be answered. */
  readonly status: number | undefined;
  readonly milliseconds: number;
};

export function createMeasureRequest(numbers: Numbers): MeasureRequest {
  const count = numbers.counter('httpRequests');
  const observe = numbers.histogram('httpDuration');
  return ({ endpoint = 'unknown', method, status, milliseconds }) => {
    count([endpoint, method, status === undefined ? 'gone' : statusClass(status)]);
    observe(milliseconds / 1000, [endpoint]);
  };
}

const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'];

/** `4xx` of 404. */
export const statusClass = (status: number): string => CLASSES[Math.trunc(status / 100) - 1] ?? '';
