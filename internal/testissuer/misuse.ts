/** What whoever wrote a test can put right; the message says what to do. */
export class Misuse extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Misuse';
  }
}
