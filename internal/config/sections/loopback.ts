// What never leaves this machine.

/** `localhost`, 127.0.0.0/8 and ::1, the latter also in brackets as URLs have it. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
