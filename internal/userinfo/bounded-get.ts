// One GET that ends in time and in memory whatever the other side does: slow, endless, redirecting
// or silent.

export type BoundedGet = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
};

/** `absent` is a definite answer (404, 410); everything but it and a JSON body throws. */
export type BoundedAnswer =
  | { readonly kind: 'found'; readonly body: string; readonly size: number }
  | { readonly kind: 'absent' };

const MAX_BODY = 64 * 1024;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;

/** Never follows a redirect: it could lead the credential and the question anywhere. */
export async function getJson({ fetch, ...request }: BoundedGet): Promise<BoundedAnswer> {
  const response = await fetch(request.url, {
    headers: { accept: 'application/json', ...request.headers },
    redirect: 'manual',
    signal: request.signal,
  });
  if (response.status === 404 || response.status === 410) return { kind: 'absent' };
  if (response.status !== 200) throw new Error(`answered with status ${response.status}`);
  if (!JSON_TYPE.test(response.headers.get('content-type') ?? '')) {
    throw new Error('the answer is not of a JSON media type');
  }
  const bytes = await readBody(response);
  return { kind: 'found', body: decode(bytes), size: bytes.byteLength };
}

async function readBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Counted after decompression, so that a small bomb does not unfold.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY) throw new Error(`the answer is longer than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('the answer is not UTF-8');
  }
}

/**
 * Rejects after `seconds` even if the work ignores its signal. Afterwards the signal is always
 * aborted, which closes what an early refusal left unread.
 */
export async function withDeadline<Value>(
  seconds: number,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work(controller.signal), deadline]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
