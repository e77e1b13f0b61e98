// What `asteroid dev` says when it is there: addresses to click, lines to paste, and who exists.

import type { Snapshot } from '../../internal/loader/load.ts';
import type { Client } from '../../internal/protocol/client.ts';

export type Welcome = Pick<Snapshot, 'config' | 'clients'> & {
  /** By subject, in the order of the file. */
  readonly users: readonly string[];
  /** What containers call this machine; undefined: they are not let in. */
  readonly containerHost: string | undefined;
};

/** Further sections, such as that of the control API, are printed after these. */
export function welcome(facts: Welcome): readonly string[] {
  const issuer = facts.config.issuer.replace(/\/$/, '');
  const [user = 'alice'] = facts.users;
  const example = findExample(facts.clients);
  const link = example && toLink(issuer, example);
  return [
    '',
    `Asteroid for development answers on ${facts.config.issuer}`,
    `Discovery: ${issuer}/.well-known/openid-configuration`,
    ...(link === undefined ? [] : [`Sign in with a browser: ${link}`]),
    `Be somebody else in this browser: ${issuer}/choose?again=1`,
    `End-Users: ${list(facts.users)}`,
    `Clients: ${list([...facts.clients.keys()])}`,
    ...(example && link ? tokenLines(issuer, example, link, user) : []),
    'Nobody has to choose in Playwright, which sends this to every origin, other than yours as well:',
    '',
    `  use: { extraHTTPHeaders: { 'X-Authenticated-User': '${user}' } }`,
    '',
    ...containerLines(facts),
  ];
}

type Example = { readonly client: Client; readonly redirectUri: string };

/** A client that a line for the shell can sign in to. */
function findExample(clients: Snapshot['clients']): Example | undefined {
  const client = [...clients.values()].find(
    ({ grantTypes, tokenEndpointAuthMethod }) =>
      grantTypes.includes('authorization_code') &&
      tokenEndpointAuthMethod === 'client_secret_basic',
  );
  const redirectUri = client?.redirectUris[0];
  return client === undefined || redirectUri === undefined ? undefined : { client, redirectUri };
}

const toLink = (issuer: string, { client, redirectUri }: Example): string =>
  `${issuer}/authorize?${new URLSearchParams({
    client_id: client.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email groups',
    state: 'dev',
  })}`;

function tokenLines(
  issuer: string,
  { client, redirectUri }: Example,
  link: string,
  user: string,
): readonly string[] {
  const secret = client.clientId === 'test-client' ? 'test-secret' : 'ITS_SECRET';
  return [
    `Sign in as ${user} and get tokens:`,
    '',
    `  curl -s -u '${client.clientId}:${secret}' -d grant_type=authorization_code ` +
      `--data-urlencode 'redirect_uri=${redirectUri}' -d "code=$(curl -s -o /dev/null ` +
      `-w '%{redirect_url}' -H 'X-Authenticated-User: ${user}' '${link}' | ` +
      `sed 's/.*[?&]code=//; s/&.*//')" ${issuer}/token`,
    '',
  ];
}

function containerLines({ config, containerHost }: Welcome): readonly string[] {
  const back = config.endpoints?.backchannel_base;
  if (containerHost === undefined || back === undefined) {
    return [
      'From containers: start it with --container-host host.docker.internal (docs/dev.md)',
      '',
    ];
  }
  return [
    `From containers: ${back}/.well-known/openid-configuration`,
    `  The issuer to compare with is ${config.issuer} there as well, and browsers stay on it.`,
    `  docker run --add-host ${containerHost}:host-gateway … lets a container on Linux find this name;`,
    '  what listens on loopback alone is then reached with ASTEROID_DEV_EXPOSE=1 and --host 0.0.0.0.',
    '',
  ];
}

const MOST = 10;

function list(names: readonly string[]): string {
  const more = names.length - MOST;
  if (names.length === 0) return 'none';
  return names.slice(0, MOST).join(', ') + (more > 0 ? `, and ${more} more` : '');
}
