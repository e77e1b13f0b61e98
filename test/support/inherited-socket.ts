// Run as a process of its own: serves the socket it was handed as descriptor 3, and answers every
// request with what it was told of the connection.

import { listen } from '../../internal/http/listen.ts';

let told = '';

await listen(
  {
    request: (_request, response) => {
      response.end(told);
    },
    connection: ({ remoteAddress }, unixSocket) => {
      told = JSON.stringify({ remoteAddress, unixSocket });
    },
  },
  { address: { kind: 'fd', fd: 3 } },
);
process.stdout.write('listening\n');
