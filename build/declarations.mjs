// Declarations of what dist/ exports. The file of types imports nothing, so that it is one as it stands.

import { mkdir, readFile, writeFile } from 'node:fs/promises';

const ENTRY = `
/** Listens on 127.0.0.1 when it resolves. Throws with everything that is wrong with the options at once. */
export declare const startTestIssuer: StartTestIssuer;
`;

/** @param {string} out the folder, e.g. dist/types */
export async function writeDeclarations(out) {
  await mkdir(out, { recursive: true });
  const types = await readFile('internal/testissuer/api.ts', 'utf8');
  await writeFile(`${out}/test-issuer.d.ts`, types + ENTRY);
}
