/** The producer's own no, in words for whoever develops the app. */
export class ProducerRefusal extends Error {
  readonly status: 400 | 401 | 403 | 413 | 421;

  constructor(status: ProducerRefusal['status'], message: string) {
    super(message);
    this.name = 'ProducerRefusal';
    this.status = status;
  }
}
