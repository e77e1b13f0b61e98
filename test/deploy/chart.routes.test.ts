// The ways in that the chart makes where Asteroid stands behind an ingress or a gateway.

import { describe, expect, it } from 'vitest';
import { merge, render, STANDALONE } from './chart.ts';
import { find, listAt, mapAt, textAt } from './tree.ts';

describe('routes of mode standalone', () => {
  const BROWSER = [
    '/authorize',
    '/consent',
    '/account',
    '/device',
    '/review',
    '/end_session',
    '/sign_out',
  ];

  it('ask the auth service on exactly the paths that read an identity', () => {
    const values = merge(STANDALONE, {
      ingress: {
        enabled: true,
        annotations: { a: 'b' },
        browserAnnotations: { 'nginx.ingress.kubernetes.io/auth-url': 'http://auth' },
      },
    });
    const [all, browser] = ['sso-asteroid', 'sso-asteroid-browser'].map((name) =>
      find(render(values), 'Ingress', name),
    );
    const paths = listAt(browser, 'spec', 'rules', 0, 'http', 'paths');

    expect(paths.map((entry) => [textAt(entry, 'path'), textAt(entry, 'pathType')])).toEqual(
      BROWSER.map((name) => [name, 'Exact']),
    );
    expect(mapAt(browser, 'metadata', 'annotations')).toEqual({
      a: 'b',
      'nginx.ingress.kubernetes.io/auth-url': 'http://auth',
    });
    expect(mapAt(all, 'metadata', 'annotations')).toEqual({ a: 'b' });
  });

  it('remove the headers of the proxy everywhere else', () => {
    const values = merge(STANDALONE, {
      httpRoute: { enabled: true, parentRefs: [{ name: 'gateway' }] },
    });
    const [browser, rest] = listAt(find(render(values), 'HTTPRoute'), 'spec', 'rules');

    expect(listAt(browser, 'matches').map((match) => textAt(match, 'path', 'value'))).toEqual(
      BROWSER,
    );
    expect(listAt(rest, 'filters', 0, 'requestHeaderModifier', 'remove')).toContain(
      'X-Asteroid-Upstream-Secret',
    );
  });
});
