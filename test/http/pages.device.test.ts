import { describe, expect, it } from 'vitest';
import { FORM, HOST, startHttp } from '../support/http-app.ts';
import { DEVICE_PAGE, directives, page, show } from '../support/pages.ts';
import { ask } from '../support/raw-http.ts';

describe('the pages of devices (RFC 8628 §3.3, §5.4; DA-3)', () => {
  it('ask for the code, and send it to the issuer below its path', async () => {
    const { headers, body } = await show(page({ kind: 'user_code', problem: undefined }), {
      issuerUrl: 'https://op.example/a/b',
    });

    expect(body).toContain('<form method="post" action="/a/b/device">');
    expect(body).toMatch(/<label for="user_code">[\s\S]*<input id="user_code" name="user_code"/);
    expect(body).not.toMatch(/role="alert"|aria-invalid/);
    expect(body).toContain('aria-describedby="user_code_hint"');
    expect(directives(headers['content-security-policy']).get('form-action')).toBe("'self'");
  });

  it('say why the code is asked for again', async () => {
    for (const [problem, text] of [
      ['unknown', 'No device waits with this code'],
      ['too_many', 'Wait ten minutes'],
    ] as const) {
      const { body, status } = await show(page({ kind: 'user_code', problem }, 400));
      expect(status).toBe(400);
      expect(body).toContain('role="alert" id="user_code_problem"');
      expect(body).toContain(
        'aria-describedby="user_code_problem user_code_hint" aria-invalid="true"',
      );
      expect(body).toContain(text);
      expect(body).toContain('<form method="post" action="/device">');
    }
  });

  it('show the code to compare, the client, the End-User and each scope, and warn of links', async () => {
    const { headers, body } = await show(page(DEVICE_PAGE), {
      issuerUrl: 'https://op.example/a/b',
    });

    expect(body).toContain('<form method="post" action="/a/b/device">');
    for (const text of [
      'Television',
      'alice',
      'BCDF-GHJK',
      'your email address',
      'custom:read',
      'a payment',
      '12 EUR',
    ]) {
      expect(body).toContain(text);
    }
    expect(body).toContain('If somebody sent you this link');
    expect(body).toContain('<input type="hidden" name="handle" value="sealed-text">');
    expect(body).toContain('name="decision" value="allow"');
    expect(body).toContain('name="decision" value="deny"');
    expect(body).toContain('<meta name="referrer" content="same-origin">');
    expect(directives(headers['content-security-policy']).get('form-action')).toBe("'self'");
  });

  it('end without a form and without a link', async () => {
    for (const [allowed, text] of [
      [true, 'go back to your device'],
      [false, 'was not signed in'],
    ] as const) {
      const { headers, body } = await show(page({ kind: 'device_answered', allowed }));
      expect(body).toContain(text);
      expect(body).not.toMatch(/<form|<a |href/);
      expect(directives(headers['content-security-policy']).get('form-action')).toBe("'none'");
    }
  });

  it('are not there where no client has the grant', async () => {
    const { target } = await startHttp({ without: ['device', 'deviceAuthorization'] });

    for (const line of ['GET /device', 'POST /device', 'POST /device_authorization']) {
      const form = line.startsWith('POST') ? [FORM, 'Content-Length: 0'] : [];
      expect((await ask(target, [`${line} HTTP/1.1`, HOST, ...form])).status).toBe(404);
    }
  });
});
