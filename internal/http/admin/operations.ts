// The operations of admin/ as HTTP. Answers are JSON that no cache keeps; bodies of requests are never
// read, because none of them says anything.

import type { Express, RequestHandler } from 'express';
import type { Control } from '../../admin/control.ts';
import type { DeploymentRoute, RecordingAnswer, StartAnswer } from '../../admin/deployment.ts';
import type { Operations } from '../../admin/operations.ts';
import type { DeclaredName } from '../../upstream/declared.ts';
import type { RouteTable } from '../routes.ts';
import type { ApiTerms } from './api.ts';
import type { ConsoleTerms } from './console/console.ts';

export type OperatorDeps = {
  readonly operations: Operations;
  readonly issuerUrl: string;
  /** Those of the moment. */
  readonly declared: () => readonly DeclaredName[];
  /** Of all listeners. */
  readonly table: RouteTable;
  /** What programs may do to a test issuer; absent: this is none. */
  readonly control?: Control | undefined;
  /** Absent: there is no Admin API. */
  readonly api?: ApiTerms | undefined;
  /** Absent: there are no pages for operators. */
  readonly console?: ConsoleTerms | undefined;
};

const DOCTOR = '/admin/v1/doctor';

/** Adds what operators may do to the frame of the listener. @param guard lets nobody else pass. */
export function addOperations(app: Express, deps: OperatorDeps, guard: RequestHandler): void {
  const { operations } = deps;
  app.use([DOCTOR, '/debug'], guard, noStore);
  app.post(DOCTOR, async (_request, response) => {
    const recording = await operations.startRecording();
    if (recording === undefined) {
      response.status(409).json({ error: 'recording' });
      return;
    }
    response.status(201).json({ ...recording, ...toDeployment(deps) } satisfies StartAnswer);
  });
  app.get(DOCTOR, async (_request, response) => {
    const recording = await operations.readRecording();
    if (recording === undefined) response.status(404).json({ error: 'not_recording' });
    else response.json(recording satisfies RecordingAnswer);
  });
  app.delete(DOCTOR, async (_request, response) => {
    await operations.stopRecording();
    response.status(204).end();
  });
  app.get('/debug/identity', async (_request, response) => {
    response.json({ requests: await operations.readIdentities() });
  });
}

const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

const toDeployment = ({ issuerUrl, declared, table }: OperatorDeps) => ({
  issuer: issuerUrl,
  headers: declared(),
  routes: [...table].map(
    ([path, { endpoint, listener, readsIdentity, byMethod }]): DeploymentRoute => ({
      path,
      endpoint,
      listener,
      readsIdentity,
      methods: [...byMethod.keys()],
    }),
  ),
});
