/** 0 when the issuer says it is ready, 1 when it says otherwise or says nothing within 3 seconds. */
export async function health(url: string): Promise<number> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000), redirect: 'error' });
    if (!response.ok) console.error(`not ready: ${url} answered ${response.status}`);
    return response.ok ? 0 : 1;
  } catch (error) {
    const { message, cause } =
      error instanceof Error ? error : { message: String(error), cause: undefined };
    console.error(`not ready: ${url}: ${cause instanceof Error ? cause.message : message}`);
    return 1;
  }
}
