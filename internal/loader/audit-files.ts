// What the sinks of the audit trail name: secrets that sign, the way to another Redis, and certificates
// of a collector.

import type { Config } from '../config/config.ts';
import type { Path } from '../config/finding.ts';
import { findRedisUrlProblem } from '../config/sections/store.ts';
import { type NamedTerms, readGuarded, readText, say } from './named-files.ts';

type Sink = NonNullable<Config['audit']>['sinks'][number];

/** What the files hold, by their names. */
export type AuditFiles = ReadonlyMap<string, string>;

type Resolve = <File extends string | undefined>(file: File, ...at: Path) => File | string;

const pathOf = (index: number): Path => ['audit', 'sinks', index];

/** The same sinks with every name of a file absolute; a socket of the system stays what it is. */
export const createSinkResolve =
  (resolve: Resolve) =>
  (sink: Sink, index: number): Sink => {
    const at = pathOf(index);
    switch (sink.type) {
      case 'file':
        return { ...sink, path: resolve(sink.path, ...at, 'path') };
      case 'redis':
        return { ...sink, url_file: resolve(sink.url_file, ...at, 'url_file') };
      case 'syslog':
        return {
          ...sink,
          path: resolve(sink.path, ...at, 'path'),
          tls: sink.tls && {
            ...sink.tls,
            ca_file: resolve(sink.tls.ca_file, ...at, 'tls', 'ca_file'),
            cert_file: resolve(sink.tls.cert_file, ...at, 'tls', 'cert_file'),
            key_file: resolve(sink.tls.key_file, ...at, 'tls', 'key_file'),
          },
        };
      case 'webhook':
        return {
          ...sink,
          secret_files: sink.secret_files.map((file, which) =>
            resolve(file, ...at, 'secret_files', which),
          ),
        };
      default:
        return sink;
    }
  };

type Named = { readonly file: string; readonly at: Path; readonly is: 'secret' | 'url' | 'text' };

function listFiles(sink: Sink, index: number): readonly Named[] {
  const at = pathOf(index);
  if (sink.type === 'webhook') {
    return sink.secret_files.map((file, which) => ({
      ...{ file, is: 'secret' as const },
      at: [...at, 'secret_files', which],
    }));
  }
  if (sink.type === 'redis') {
    const { url_file: file } = sink;
    return file === undefined ? [] : [{ file, at: [...at, 'url_file'], is: 'url' }];
  }
  if (sink.type !== 'syslog') return [];
  return (['ca_file', 'cert_file', 'key_file'] as const).flatMap((key) => {
    const file = sink.tls?.[key];
    return file === undefined ? [] : [{ file, at: [...at, 'tls', key], is: 'text' as const }];
  });
}

/** Those of one configuration; read again when they change. */
export const listAuditFiles = ({ audit }: Config): readonly string[] =>
  (audit?.sinks ?? []).flatMap(listFiles).map(({ file }) => file);

export async function readAuditFiles(terms: NamedTerms): Promise<AuditFiles> {
  const texts = new Map<string, string>();
  if (!terms.isRead('audit')) return texts;
  for (const { file, at, is } of (terms.config.audit?.sinks ?? []).flatMap(listFiles)) {
    const bytes =
      is === 'secret' ? await readGuarded(terms, file, at) : await readText(terms, file, at);
    if (bytes === undefined) continue;
    const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
    const problem = is === 'url' ? findRedisUrlProblem(text) : undefined;
    if (problem !== undefined) say(terms, at, `${file} ${problem}`);
    texts.set(file, text);
  }
  return texts;
}
