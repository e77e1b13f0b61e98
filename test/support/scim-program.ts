// A SCIM 2 service as a program: SCIMMY speaks the protocol and forms answers. Its own filters know no
// escaped characters, so that scim-query-filter-parser, made from the grammar of RFC 7644, evaluates
// them; it knows ASCII alone, beyond which SCIMMY does. What is served is read from a file with each
// request, and each request is noted in another.
//   scim-program.ts FOLDER PORT

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import path from 'node:path';
import express from 'express';
import { compileFilter } from 'scim-query-filter-parser';
import SCIMMY from 'scimmy';
import ScimRouters from 'scimmy-routers';
import type { ScimContent, ScimResource } from './scim-server.ts';

const [folder = '', port = ''] = process.argv.slice(2);
const content = (): ScimContent =>
  JSON.parse(readFileSync(path.join(folder, 'content.json'), 'utf8'));

type Asked = {
  readonly id?: string | undefined;
  readonly filter?: { match(all: object[]): object[] } | undefined;
};

/** One by its id, or those that its filter finds. */
function find(all: readonly ScimResource[], { id, filter }: Asked, context: unknown) {
  if (typeof context === 'string') return all.filter(compileFilter(context));
  if (id === undefined) return filter === undefined ? [...all] : filter.match([...all]);
  const found = all.find((one) => one.id === id);
  if (found === undefined) throw new SCIMMY.Types.Error(404, '', `${id} is not there`);
  return found;
}

/** Taken out of the request, so that SCIMMY does not see it. */
function takeFilter(request: express.Request): string | undefined {
  const url = new URL(request.url, 'http://localhost');
  const filter = url.searchParams.get('filter');
  if (filter === null || /[^\x20-\x7e]/.test(filter)) return undefined;
  url.searchParams.delete('filter');
  request.url = `${url.pathname}${url.search}`;
  return filter;
}

// biome-ignore lint/suspicious/noExplicitAny: its types want whole resources of its own making
const answer = (value: unknown): any => value;

SCIMMY.Resources.declare(SCIMMY.Resources.User).egress((asked, context) =>
  answer(find(content().users, asked, context)),
);
SCIMMY.Resources.declare(SCIMMY.Resources.Group).egress((asked, context) =>
  answer(find(content().groups, asked, context)),
);

const app = express();
app.use((request, response, next) => {
  appendFileSync(path.join(folder, 'asked'), `${request.url}\n`);
  response.locals['filter'] = takeFilter(request);
  next();
});
app.use(
  '/scim',
  new ScimRouters({
    type: 'bearer',
    context: (request) => request.res?.locals['filter'],
    handler: (request) => {
      const { tokens } = content();
      const given = request.header('authorization') ?? '';
      if (tokens !== undefined && !tokens.includes(given)) throw new Error('not let in');
      return '';
    },
  }),
);

const tls = (name: string) => path.join(folder, name);
const server = existsSync(tls('cert'))
  ? createTlsServer({ cert: readFileSync(tls('cert')), key: readFileSync(tls('key')) }, app)
  : createServer(app);
server.listen(Number(port), '127.0.0.1');
