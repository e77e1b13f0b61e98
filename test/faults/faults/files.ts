// What can happen to the files of an issuer while it runs. Nobody who signs in may notice.

import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { client, printClients } from '../clients.ts';
import type { Issuer, Issuers } from '../issuers.ts';
import type { Deployment } from '../topologies/topology.ts';
import type { Fault } from './fault.ts';

const UNNOTICED = { hold: 1500, unavailableShare: 0 } as const;
/** Bytes that each damaged clients.yaml has more than the one before. */
const STEP = 19;
/** A watcher waits for a file to be quiet before it reads it; sometimes it is, in between. */
const WRITE_MS = 25;

const reload = (issuers: Issuers): void => {
  for (const issuer of issuers) issuer.signal('SIGHUP');
};

const keyFiles = ({ keysDir }: Issuer): readonly string[] =>
  readdirSync(keysDir)
    .filter((name) => /\.(?:pem|key)$/.test(name))
    .map((name) => path.join(keysDir, name));

export const FILE_FAULTS: readonly Fault<Deployment>[] = [
  {
    ...{ id: 'F-28', name: 'clients.yaml cut off everywhere', short: true, ...UNNOTICED },
    async inject({ issuers, pause }) {
      const whole = printClients();
      for (let length = 0; length < whole.length; length += STEP) {
        for (const issuer of issuers) issuer.write('clients.yaml', whole.slice(0, length));
        if (length % 4 === 0) reload(issuers);
        await pause(WRITE_MS);
      }
      return () => issuers.map((issuer) => issuer.write('clients.yaml', whole));
    },
  },
  {
    ...{ id: 'F-27', name: 'key files cut off', ...UNNOTICED },
    async inject({ issuers }) {
      const before = keyFiles(issuers[0]).map((file) => [file, readFileSync(file)] as const);
      for (const [file, content] of before) writeFileSync(file, content.subarray(0, 20));
      reload(issuers);
      return () => {
        for (const [file, content] of before) writeFileSync(file, content);
        reload(issuers);
      };
    },
  },
  {
    ...{ id: 'F-27', name: 'files that may not be read', short: true, ...UNNOTICED },
    async inject({ issuers }) {
      const config = issuers.map(({ folder }) => path.join(folder, 'clients.yaml'));
      const files = [...keyFiles(issuers[0]), ...config];
      for (const file of files) chmodSync(file, 0);
      reload(issuers);
      return () => {
        for (const file of files) chmodSync(file, 0o600);
        reload(issuers);
      };
    },
  },
  {
    ...{ id: 'F-26', name: 'no room for a key that is needed', ...UNNOTICED, balanced: true },
    silences: (issuers) => issuers.map((issuer) => ({ issuer, until: 'never' })),
    async inject({ issuers: [first], pause }) {
      await first.end('SIGTERM');
      await first.start(true);
      const before = keyFiles(first).length;
      const modern = { ...client('modern'), id_token_signed_response_alg: 'ES384' };
      first.write('clients.yaml', printClients([modern]));
      await pause(1500);
      if (keyFiles(first).length !== before) throw new Error('there was room for a key');
      if (!/EFBIG/.test(first.output())) throw new Error('nobody was told that there is no room');
      return async () => {
        first.write('clients.yaml', printClients());
        await first.end('SIGTERM');
        await first.start();
      };
    },
  },
];
