import type { Config } from '../config.ts';
import type { Path } from '../finding.ts';
import { printPath } from '../finding.ts';
import { unknownKey } from '../issues.ts';
import { foldHeaderName } from '../sections/header-name.ts';
import { ATTRIBUTE_NAMES } from '../sections/headers.ts';
import { type Check, problem, type Remark } from './remark.ts';

type Named = { readonly path: Path; readonly header: string };

/** Two options that read one header, or headers that some program cannot tell apart. */
export const headerCheck: Check = {
  reads: ['upstream.trust', 'upstream.headers', 'upstream.assertion'],
  find({ upstream }) {
    const owners = new Map<string, Path>();
    const remarks: Remark[] = [];
    for (const { path, header } of namedHeaders(upstream)) {
      const folded = foldHeaderName(header);
      const owner = owners.get(folded);
      if (owner !== undefined) {
        const text = `is the header of ${printPath(owner)} too, as far as some programs can tell; use another`;
        remarks.push(problem(path, text));
      }
      owners.set(folded, path);
    }
    return [...remarks, ...unknownRequired(upstream)];
  },
};

/** Every header that the upstream is asked about, and which option names it. */
export function namedHeaders({ trust, headers, assertion }: Config['upstream']): readonly Named[] {
  const { extra, required: _, reject_values: __, aliases: ___, ...attributes } = headers;
  const found: Named[] = [];
  const add = (header: string | undefined, ...path: Path) => {
    if (header !== undefined) found.push({ path: ['upstream', ...path], header });
  };
  add(trust.secret?.header, 'trust', 'secret', 'header');
  for (const [name, field] of Object.entries(attributes)) add(field?.name, 'headers', name, 'name');
  const verified = headers.email?.verified;
  if (typeof verified === 'object') add(verified.header, 'headers', 'email', 'verified', 'header');
  for (const [claim, field] of Object.entries(extra))
    add(field.name, 'headers', 'extra', claim, 'name');
  add(assertion?.header, 'assertion', 'header');
  for (const [index, header] of (assertion?.reject_plain_headers ?? []).entries())
    add(header, 'assertion', 'reject_plain_headers', index);
  return found;
}

function unknownRequired({ headers }: Config['upstream']): readonly Remark[] {
  const known = [...ATTRIBUTE_NAMES, ...Object.keys(headers.extra)];
  return headers.required.flatMap((name, index) =>
    known.includes(name)
      ? []
      : [problem(['upstream', 'headers', 'required', index], unknownKey(name, known))],
  );
}
