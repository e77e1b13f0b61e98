// docs/guides/kubernetes.md against a real kube-apiserver over a real etcd: KUBE_APISERVER and ETCD are
// the programs. Discovery is https there, so a terminator stands before the issuer.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { onCleanUp, start, temporaryFolder } from '../e2e/rig.ts';
import { type Certificate, createAuthority } from '../support/certificates.ts';
import { findFreePorts } from '../support/free-port.ts';
import { ALICE, check, fetchIdToken, localise, readGuide, startIssuer } from './guide.ts';
import { fromEnvironment } from './programs.ts';

const ADMIN = { ...ALICE, 'x-authenticated-groups': 'k8s:admins,engineering' };
const REDIRECT_URI = 'http://localhost:8000';
const OTHER = `  - client_id: other
    token_endpoint_auth_method: none
    redirect_uris: ["${REDIRECT_URI}"]
    id_token_signed_response_alg: RS256
`;

export async function kubernetes(): Promise<void> {
  const guide = readGuide('kubernetes');
  const [port = 0, secure = 0] = await findFreePorts(2);
  const authority = createAuthority('guide');
  const certificate = authority.issue({ dns: ['localhost'], ips: [[127, 0, 0, 1]] });
  const issuer = `https://localhost:${secure}`;
  const backends = '[{ type: headers }]';
  await startIssuer(guide, {}, { issuer, port, backends, others: OTHER });
  await terminate(secure, certificate, port);
  const server = await startApiServer(
    localise(guide.block('yaml', '# AuthenticationConfiguration'), {
      'https://sso.example.com': issuer,
      'https://asteroid.sso.svc.cluster.local': `https://127.0.0.1:${secure}`,
      '        …\n': `${authority.cert.trim().replaceAll(/^/gm, '        ')}\n`,
    }),
  );

  const tokenFor = (id: string) => {
    const headers = { ...ADMIN, host: `localhost:${secure}` };
    const client = { id, redirectUri: REDIRECT_URI };
    return fetchIdToken(`http://127.0.0.1:${port}`, client, 'openid groups', headers);
  };
  const token = await tokenFor('kubernetes');
  let seen = await whoAmI(server, token);
  // It fetches keys, and makes its own roles, after it has begun to listen.
  for (let tries = 0; tries < 30 && !seen.includes('"username"'); tries += 1) {
    await sleep(1000);
    seen = await whoAmI(server, token);
  }
  check('alice is oidc:alice', seen.includes('"username":"oidc:alice"'), seen);
  check('her group is oidc:admins', seen.includes('"oidc:admins"'), seen);
  check('her other groups stay at home', !seen.includes('engineering'), seen);
  const other = await whoAmI(server, await tokenFor('other'));
  check('a token of another client is refused', other.includes('Unauthorized'), other);
  const forged = await whoAmI(server, `${token.slice(0, -8)}AAAAAAAA`);
  check('a token that nobody signed is refused', forged.includes('Unauthorized'), forged);
}

/** What a proxy with a certificate does. */
async function terminate(port: number, certificate: Certificate, target: number): Promise<void> {
  const server = tls.createServer(certificate, (socket) => {
    const onward = net.connect(target, '127.0.0.1');
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  onCleanUp(() => void server.close());
}

/** Answers the port of one that has nothing but its own certificate and the given authentication. */
async function startApiServer(config: string): Promise<number> {
  const home = temporaryFolder();
  const file = (name: string): string => path.join(home, name);
  const [port = 0, etcd = 0, peers = 0] = await findFreePorts(3);
  const local = (at: number): string => `http://127.0.0.1:${at}`;
  await start(
    fromEnvironment('ETCD'),
    [
      ...['--data-dir', file('etcd'), '--listen-peer-urls', local(peers)],
      ...['--listen-client-urls', local(etcd), '--advertise-client-urls', local(etcd)],
    ],
    { port: etcd },
  );
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(file('sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(file('authentication.yaml'), config);
  await start(
    fromEnvironment('KUBE_APISERVER'),
    [
      `--authentication-config=${file('authentication.yaml')}`,
      `--etcd-servers=${local(etcd)}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${file('certificates')}`,
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${file('sa.key')}`,
      `--service-account-signing-key-file=${file('sa.key')}`,
      '--service-cluster-ip-range=10.0.0.0/24',
    ],
    { port },
  );
  return port;
}

/** What `kubectl auth whoami` asks. */
async function whoAmI(port: number, token: string): Promise<string> {
  const kind = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const request = https.request({
    ...{ port, host: '127.0.0.1', method: 'POST', rejectUnauthorized: false },
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  request.end(JSON.stringify(kind));
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}
