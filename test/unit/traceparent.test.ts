import { describe, expect, it } from 'vitest';
import {
  parseTraceparent,
  printTraceparent,
} from '../../internal/telemetry/tracing/traceparent.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('traceparent (W3C Trace Context §3.2)', () => {
  it('says the trace, the span and whether it is recorded', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      isSampled: true,
    });
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)?.isSampled).toBe(false);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-03`)?.isSampled).toBe(true);
  });

  it('of a later version may say more, and counts by what is known of it', () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`)?.traceId).toBe(
      TRACE,
    );
  });

  for (const [what, text] of [
    ['nothing', undefined],
    ['an empty text', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more in version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a line break', `00-${TRACE}-${SPAN}-01\n`],
    ['more without a hyphen', `01-${TRACE}-${SPAN}-01x`],
    ['more than anybody needs', `01-${TRACE}-${SPAN}-01-${'x'.repeat(300)}`],
    ['no hexadecimal digits', `00-${'g'.repeat(32)}-${SPAN}-01`],
  ] as const) {
    it(`is ignored where it is ${what}`, () => {
      expect(parseTraceparent(text)).toBeUndefined();
    });
  }

  it('is passed on as it is read', () => {
    const said = `00-${TRACE}-${SPAN}-01`;

    expect(printTraceparent({ traceId: TRACE, spanId: SPAN, isSampled: true })).toBe(said);
  });
});
