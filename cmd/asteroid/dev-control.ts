// How programs get to drive the issuer of `asteroid dev`: the lines that tell people, and the file that
// tells programs.

import type { Environment } from '../../internal/app/listeners.ts';
import type { Live } from '../../internal/app/process.ts';
import { BASE } from '../../internal/testissuer/control/base.ts';
import { clearControlFile, removeControlFile, writeControlFile } from './control-file.ts';
import { chooseToken } from './dev-token.ts';

export type DevControl = {
  readonly token: string;
  /** Once everything listens. Throws `ControlFileError`. */
  readonly tell: (issuer: string, listeners: Live['listeners']) => void;
};

/** A string says what keeps it from starting. Throws `ControlFileError`. */
export function prepareControl(env: Environment, file: string | undefined): DevControl | string {
  const chosen = chooseToken(env);
  if (typeof chosen === 'string') return chosen;
  const { token, shown } = chosen;
  if (file !== undefined) clearControlFile(file);
  return {
    token,
    tell(issuer, listeners) {
      const admin = listeners.get('admin')?.name ?? '';
      const url = `${admin}${BASE}`;
      if (file !== undefined) {
        const access = { url, token, issuer };
        writeControlFile(file, access);
        // However the process ends, short of being killed.
        process.once('exit', () => removeControlFile(file, access));
      }
      console.log(`Drive it from tests in any language (docs/control.md): ${url}`);
      console.log(`\n  curl -s -H "Authorization: Bearer ${shown}" ${url}/issuers\n`);
    },
  };
}
