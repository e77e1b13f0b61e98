// What an issuer says about a wish that cannot be granted, as a refusal of the caller's request.

/** Whatever else is thrown is a mistake of ours, and stays one. */
export async function refusing<Value>(run: () => Promise<Value>): Promise<Value> {
  return await run();
}
