// Attacks a deployment through its own proxy and says which line of the proxy is missing.

import { readFile } from 'node:fs/promises';
import type { RecordingAnswer, StartAnswer } from '../../internal/admin/deployment.ts';
import { PROXIES, type ProxyName } from '../../internal/admin/remedies.ts';
import { Blind, runDoctor } from '../../internal/doctor/doctor.ts';
import { exchange, type Target } from '../../internal/doctor/raw.ts';
import { type Report, toExitCode, toText } from '../../internal/doctor/report.ts';

export type DoctorCommand = {
  readonly through: string;
  readonly admin: string;
  readonly tokenFile?: string;
  readonly cookieFile?: string;
  readonly ca?: string;
  readonly proxy: string;
  readonly json: boolean;
  readonly acceptRefused: boolean;
};

const PROBE_MS = 2000;
const ADMIN_MS = 5000;

/** 0 when all was kept out or altered, 1 when something reached the issuer, 2 when nobody can tell. */
export async function doctor(options: DoctorCommand): Promise<number> {
  const proxy = PROXIES.find((name) => name === options.proxy);
  if (proxy === undefined) return refuse(`--proxy has to be one of ${PROXIES.join(', ')}`);
  try {
    const report = await examine(options, proxy);
    console.log(options.json ? JSON.stringify(report, undefined, 2) : toText(report));
    return toExitCode(report, options.acceptRefused);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

async function examine(options: DoctorCommand, proxy: ProxyName): Promise<Report> {
  const { through, admin, tokenFile, cookieFile, ca } = options;
  const session = cookieFile === undefined ? undefined : await readSession(cookieFile);
  const target = toTarget(through, ca === undefined ? undefined : await readFile(ca, 'utf8'));
  const call = createCall(admin, tokenFile === undefined ? undefined : await readToken(tokenFile));
  const started = (await call('POST')) as StartAnswer;
  try {
    if (typeof started?.canary !== 'string') throw new Blind(`${admin} is no admin listener`);
    return await runDoctor(
      { started, through, proxy, session },
      {
        send: (messages) => exchange(target, messages, PROBE_MS),
        read: async () => (await call('GET')) as RecordingAnswer,
        elapsed: () => performance.now(),
      },
    );
  } finally {
    await call('DELETE').catch(() => undefined); // it ends by itself in any case
  }
}

/** The value of a Cookie header, as browsers' tools copy it. */
async function readSession(file: string): Promise<string> {
  const text = (await readFile(file, 'utf8')).trim().replace(/^cookie:\s*/i, '');
  if (!/^[\x20-\x7e]+$/.test(text)) throw new Blind(`${file} is not one line of a Cookie header`);
  return text;
}

async function readToken(file: string): Promise<string> {
  const token = (await readFile(file, 'utf8')).trim();
  if (!/^[!-~]+$/.test(token)) throw new Blind(`${file} is not one token`);
  return token;
}

function toTarget(through: string, ca: string | undefined): Target {
  const url = URL.canParse(through) ? new URL(through) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Blind('--through has to be the URL that browsers use, as in https://sso.example');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url.protocol === 'http:') return { host, port: Number(url.port || 80) };
  const tls = { servername: host, ...(ca === undefined ? {} : { ca }) };
  return { host, port: Number(url.port || 443), tls };
}

const PROBLEMS: ReadonlyMap<number, string> = new Map([
  [
    401,
    'the admin listener wants to know who asks: give --token-file, with a token of admin.tokens',
  ],
  [403, 'the admin listener lets this token only look: the doctor needs one whose role is write'],
  [409, 'a doctor is at work already: wait two minutes'],
]);

/** What the admin listener answers to a method; throws what an operator can put right. */
const createCall = (admin: string, token?: string) => async (method: 'POST' | 'GET' | 'DELETE') => {
  const url = new URL('/admin/v1/doctor', admin);
  const response = await fetch(url, {
    method,
    headers: {
      'X-Asteroid-Admin': '1',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(ADMIN_MS),
    redirect: 'error',
  }).catch(() => {
    throw new Blind(`${url.origin} does not answer: is it the admin listener of the issuer?`);
  });
  if (!response.ok) {
    throw new Blind(PROBLEMS.get(response.status) ?? `${url.href} answered ${response.status}`);
  }
  return response.status === 204 ? undefined : await response.json();
};

function refuse(problem: string): number {
  console.error(problem);
  return 2;
}
