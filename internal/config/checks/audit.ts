import type { Config } from '../config.ts';
import { isLoopbackHost } from '../sections/loopback.ts';
import { type Check, problem, type Remark, warning } from './remark.ts';

type Sink = NonNullable<Config['audit']>['sinks'][number];

/** Sinks that have nowhere to go, and one that anybody on the way can read. */
export const auditCheck: Check = {
  reads: ['audit', 'store'],
  find: ({ audit, store }) =>
    (audit?.sinks ?? []).flatMap((sink, index) => {
      const at = ['audit', 'sinks', index] as const;
      switch (sink.type) {
        case 'redis':
          return store.driver === 'redis' || (sink.url ?? sink.url_file) !== undefined
            ? []
            : [
                problem(
                  [...at, 'type'],
                  'has no Redis to go to; give url, or use store.driver: redis',
                ),
              ];
        case 'syslog':
          return findSyslog(sink, at);
        case 'webhook':
          return sink.url.startsWith('http://') && !isLoopbackHost(new URL(sink.url).hostname)
            ? [warning([...at, 'url'], 'tells who signs in where over plain http; use https')]
            : [];
        default:
          return [];
      }
    }),
};

function findSyslog(
  { transport, host, port, path, tls }: Extract<Sink, { readonly type: 'syslog' }>,
  at: readonly (string | number)[],
): readonly Remark[] {
  const stray = (key: string, value: unknown) =>
    value === undefined
      ? []
      : [problem([...at, key], `means nothing where transport is ${transport}; remove it`)];
  if (transport === 'unix')
    return [...stray('host', host), ...stray('port', port), ...stray('tls', tls)];
  return [
    ...(host === undefined
      ? [problem([...at, 'transport'], `needs host where it is ${transport}`)]
      : []),
    ...stray('path', path),
    ...(transport === 'tls' ? [] : stray('tls', tls)),
  ];
}
