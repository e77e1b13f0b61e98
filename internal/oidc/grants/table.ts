import { authorizationCode } from './authorization-code.ts';
import { clientCredentials } from './client-credentials.ts';
import type { Grant } from './grant.ts';
import { refreshToken } from './refresh-token.ts';

/** Adding a grant: write its file beside this one and its entry here. Discovery follows. */
export const GRANTS: readonly Grant[] = [authorizationCode, refreshToken, clientCredentials];
