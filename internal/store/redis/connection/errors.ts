// What goes wrong between us and Redis, told apart, and stripped of everything that was sent: the
// client library hangs whole commands on its errors, and those hold hashes, claims and passwords.

/** A script found itself running after its time, and did nothing. */
export class Late extends Error {
  constructor() {
    super('the script ran after its time');
    this.name = 'Late';
  }
}

/** There is nobody to send it to, and there will not be soon: nothing was sent. */
export class NotConnected extends Error {
  constructor(to: string | undefined) {
    super(`not connected${to === undefined ? '' : ` to ${to}`}`);
    this.name = 'NotConnected';
  }
}

/** Redis carried it out, and nobody may be told: too few replicas have it, and who has it may be lost. */
export class Unreplicated extends Error {
  constructor() {
    super('too few replicas have it');
    this.name = 'Unreplicated';
  }
}

/** Redis is there, and refuses. */
export const isReply = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ReplyError';

/** The key holds something that we did not write. */
export const isForeign = (error: unknown): boolean =>
  isReply(error) && error.message.includes('WRONGTYPE');

/** Redis does not know the script by its hash yet; nothing was executed. */
export const isScriptMissing = (error: unknown): boolean =>
  isReply(error) && error.message.startsWith('NOSCRIPT');

/** We write to a replica: somebody else is the primary now. */
export const isReadOnly = (error: unknown): boolean =>
  isReply(error) && error.message.includes('READONLY');

/** A cluster that has lost some of its slots answers for none of them. */
export const isClusterDown = (error: unknown): boolean =>
  isReply(error) && error.message.startsWith('CLUSTERDOWN');

/** The connection went away: what was sent may or may not have been executed. */
export const isReset = (error: unknown): boolean =>
  error instanceof Error && !OTHERWISE.has(error.name) && !isReply(error);

const OTHERWISE: ReadonlySet<string> = new Set(['TimeoutError', 'NotConnected', 'Unreplicated']);

const UNNAMED = 'no sentinel names the primary:';

/** One line for a log. A refusal of Redis can quote the command, which may be AUTH. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'MaxRetriesPerRequestError') return 'the connection was reset';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // What the client library says about sentinels, and then why.
  const message = error.message.replace(
    /^All sentinels .*? is disabled\.(?: Last error:)?/,
    UNNAMED,
  );
  return message.split(/, with args|\n/)[0] ?? error.name;
}

/** A cause to keep: the words of the error, and nothing that hangs on it. */
export const toCause = (error: unknown): Error => new Error(reasonOf(error));
