// What is wrong with a value, before anybody knows in which file it stands.

export type Path = readonly (string | number)[];

/** `problem` says what to do as well, and never repeats a value: it may be a secret. */
export type Finding = {
  readonly path: Path;
  readonly problem: string;
  /** For a key that is not known: the one it was probably meant to be, which is then missing. */
  readonly meant?: string;
};

/** `clients[0].redirect_uris[1]`, as operators read it in messages. */
export function printPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? printKey(step) : `${text}.${printKey(step)}`;
  }, '');
}

/** Without the blank of `client_secret:abc` the secret is a part of the key. */
function printKey(key: string): string {
  const [word = ''] = /^[A-Za-z0-9_.-]{0,64}/.exec(key) ?? [];
  return word === key ? key : `${word}…`;
}
