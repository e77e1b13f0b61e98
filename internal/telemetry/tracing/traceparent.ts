// Which trace a request belongs to, as its sender says (W3C Trace Context §3.2). Whatever is not plainly
// right is ignored, and a trace begins here: nobody is refused for it.

export type RemoteParent = {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
};

// A later version may say more, behind what this one says (§4.3); ff is none.
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined unless all of it is as the standard writes it. */
export function parseTraceparent(text: string | undefined): RemoteParent | undefined {
  // Longer than any version needs: what follows is not ours to read.
  if (text === undefined || text.length > MAX_LENGTH) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(text) ?? [];
  if (version === undefined || version === 'ff' || isZero(traceId) || isZero(spanId)) {
    return undefined;
  }
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

const MAX_LENGTH = 255;

const isZero = (id: string): boolean => /^0*$/.test(id);

export const printTraceparent = ({ traceId, spanId, isSampled }: RemoteParent): string =>
  `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}`;
