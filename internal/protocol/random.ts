// Where secrets come from, and how much of it each of them holds.

/** Fresh random bytes as unpadded base64url. */
export type Random = (bytes: number) => string;

/** 16 bytes, 128 bits: names something, is no secret. */
export const ID_BYTES = 16;
/** 32 bytes, 256 bits: knowing it is the right to use it. */
export const SECRET_BYTES = 32;
