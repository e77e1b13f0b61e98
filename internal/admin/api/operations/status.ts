// How the issuer is.

import { operation } from '../operation.ts';
import * as shapes from '../shapes/status.ts';

export const STATUS = [
  operation({
    id: 'readStatus',
    method: 'GET',
    path: '/status',
    role: 'read',
    says: 'tell how the issuer is: readiness, version, workers',
    answer: shapes.status,
    run: async (_input, { status }) => {
      const { startedAt: started_at, ...told } = await status();
      return { body: { ...told, started_at } };
    },
  }),
];
