import { describe, expect, it } from 'vitest';
import type { DetailsType } from '../../internal/protocol/details-types.ts';
import { makeClient } from '../support/clients.ts';
import { scopeNamesOf } from '../support/consent.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { type Answer, makeRequest, type Query, settle } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const PAYMENT: DetailsType = {
  description: 'Start a payment',
  members: new Map([
    ['actions', 'list'],
    ['creditor', 'text'],
    ['amount', 'object'],
    ['count', 'number'],
    ['instant', 'boolean'],
  ]),
  required: ['creditor'],
};
const CALENDAR: DetailsType = { description: 'Your calendar', members: new Map(), required: [] };
const TYPES = new Map([
  ['payment', PAYMENT],
  ['calendar', CALENDAR],
]);

const rich = { authorizationDetailsTypes: ['payment', 'calendar'] };
const CLIENTS = [
  makeClient('rich', rich),
  makeClient('poor', { authorizationDetailsTypes: ['calendar'] }),
  makeClient('once', { ...rich, consent: 'once' }),
  makeClient('worker', { ...rich, grantTypes: ['client_credentials'], scope: ['api:read'] }),
];

const create = () =>
  createTestIssuer({ clients: CLIENTS, policy: { authorizationDetailsTypes: TYPES } });

const pay = (different: object = {}) => ({
  type: 'payment',
  actions: ['initiate', 'status'],
  creditor: 'ACME',
  amount: { currency: 'EUR', value: '12.50' },
  ...different,
});

const asking = (details: unknown, client_id = 'rich'): Query => ({
  client_id,
  authorization_details: typeof details === 'string' ? details : JSON.stringify(details),
});

const detailsOf = (token: unknown) => claimsOf(String(token))['authorization_details'];

describe('rich authorization requests (RFC 9396 §2, §7, §9; RR-1)', () => {
  it('are in the answer, in the access token, and in introspection', async () => {
    const test = create();
    const code = await test.code(asking([pay(), { type: 'calendar' }]));
    const { json } = await test.redeem(code, {}, 'rich');
    const granted = [pay(), { type: 'calendar' }];

    expect(json['authorization_details']).toEqual(granted);
    expect(detailsOf(json['access_token'])).toEqual(granted);
    for (const name of ['access_token', 'refresh_token']) {
      const { json: told } = await test.introspect(String(json[name]), 'rich');
      expect(told['authorization_details'], name).toEqual(granted);
    }
    expect(claimsOf(String(json['id_token']))).not.toHaveProperty('authorization_details');
  });

  it('are nowhere where nobody asked for any', async () => {
    const test = create();
    const { json } = await test.redeem(await test.code({ client_id: 'rich' }), {}, 'rich');

    expect(json).not.toHaveProperty('authorization_details');
    expect(claimsOf(String(json['access_token']))).not.toHaveProperty('authorization_details');
    const { json: told } = await test.introspect(String(json['access_token']), 'rich');
    expect(told).not.toHaveProperty('authorization_details');
  });

  it('may be pushed', async () => {
    const test = create();
    const { json } = await test.push(asking([pay()]), 'rich');
    const { params } = await test.authorize({
      client_id: 'rich',
      request_uri: String(json['request_uri']),
      authorization_details: JSON.stringify([pay({ creditor: 'Mallory' })]),
    });
    const tokens = await test.redeem(params.get('code') ?? '', {}, 'rich');

    expect(tokens.json['authorization_details']).toEqual([pay()]);
    expect((await test.push(asking([{ type: 'x' }]), 'rich')).json['error']).toBe(
      'invalid_authorization_details',
    );
  });

  it('are for clients that act for themselves as well', async () => {
    const test = create();
    const form = { grant_type: 'client_credentials', ...asking([pay()]), client_id: undefined };
    const { json } = await test.token(form, 'worker');

    expect(json['authorization_details']).toEqual([pay()]);
    expect(detailsOf(json['access_token'])).toEqual([pay()]);
    const refused = await test.token(
      { ...form, authorization_details: '[{"type":"x"}]' },
      'worker',
    );
    expect(refused.json['error']).toBe('invalid_authorization_details');
  });

  it('are advertised by type, and not at all where none is declared', async () => {
    const read = async ({ issuer }: TestIssuer) =>
      (await settle(issuer.discovery(makeRequest({ method: 'GET' })))).json;

    expect((await read(create()))['authorization_details_types_supported']).toEqual([
      'payment',
      'calendar',
    ]);
    expect(await read(createTestIssuer())).not.toHaveProperty(
      'authorization_details_types_supported',
    );
  });
});

describe('details that are malformed, unknown or not allowed (RFC 9396 §5; RR-1)', () => {
  const many = Array.from({ length: 21 }, () => ({ type: 'calendar' }));
  for (const [what, details] of [
    ['no JSON', '{'],
    ['an object', pay()],
    ['text', '"payment"'],
    ['no details', []],
    ['details that are texts', ['payment']],
    ['details that are lists', [['payment']]],
    ['null', [null]],
    ['no type', [pay({ type: undefined })]],
    ['a type that is a list', [pay({ type: ['payment'] })]],
    ['an unknown type', [{ type: 'unknown' }]],
    ['a type of prototypes', [{ type: '__proto__' }]],
    ['an unknown type behind a known one', [pay(), { type: 'unknown' }]],
    ['a member that is not declared', [pay({ creditors: 'x' })]],
    ['a member of another type', [{ type: 'calendar', creditor: 'ACME' }]],
    ['a required member left out', [pay({ creditor: undefined })]],
    ['a list that is text', [pay({ actions: 'initiate' })]],
    ['a list of numbers', [pay({ actions: [1] })]],
    ['a list of nothing', [pay({ actions: [] })]],
    ['a text that is a list', [pay({ creditor: ['ACME'] })]],
    ['a text that is null', [pay({ creditor: null })]],
    ['a number that is text', [pay({ count: '5' })]],
    ['a boolean that is a number', [pay({ instant: 1 })]],
    ['an object that is a list', [pay({ amount: ['EUR'] })]],
    ['an object three levels deep', [pay({ amount: { a: { b: { c: 1 } } } })]],
    [
      'an object with a member of prototypes',
      '[{"type":"payment","creditor":"a","amount":{"_ _":1}}]',
    ],
    ['a text that writes backwards', [pay({ creditor: 'ACME \u202eyrollaM' })]],
    ['a text with control characters', [pay({ creditor: 'ACME\n' })]],
    ['a member that is there twice', '[{"type":"payment","creditor":"ACME","creditor":"Mallory"}]'],
    ['more than anybody means', many],
    ['more text than fits in a token', [pay({ creditor: 'x'.repeat(4096) })]],
    ['a depth of thousands', `${'['.repeat(1900)}${']'.repeat(1900)}`],
  ] as const) {
    it(`${what}: told to the client`, async () => {
      const test = create();
      const { params } = await test.authorize(asking(details));

      expect(params.get('error')).toBe('invalid_authorization_details');
      expect(params.get('state')).toBe('state-1');
    });
  }

  it('twice: refused as any parameter that is there twice', async () => {
    const { authorize } = create();
    const one = JSON.stringify([pay()]);

    const { params } = await authorize({ client_id: 'rich', authorization_details: [one, one] });
    expect(params.get('error')).toBe('invalid_request');
  });

  it('a type that the client may not ask for, though another one may', async () => {
    const { authorize, code } = create();

    const { params } = await authorize(asking([pay()], 'poor'));
    expect(params.get('error')).toBe('invalid_authorization_details');
    expect(await code(asking([{ type: 'calendar' }], 'poor'))).toMatch(/^ac_/);
  });

  it('every form that is declared is taken', async () => {
    const { code } = create();
    const amount = { value: 1.5, exact: true, tags: ['a'], unit: { currency: 'EUR' } };

    expect(await code(asking([pay({ count: 5, instant: false, amount })]))).toMatch(/^ac_/);
  });
});

describe('a token request narrows what was granted (RFC 9396 §6; RR-2)', () => {
  const narrowed = (details: unknown): Query => ({
    authorization_details: JSON.stringify(details),
  });

  for (const [what, details] of [
    ['some of the details', [pay()]],
    ['a shorter list', [pay({ actions: ['status'] })]],
    ['members in another order', [Object.fromEntries(Object.entries(pay()).reverse())]],
  ] as const) {
    it(`to ${what}, and not for ever`, async () => {
      const test = create();
      const code = await test.code(asking([pay(), { type: 'calendar' }]));
      const { json } = await test.redeem(code, narrowed(details), 'rich');
      expect(json['authorization_details']).toEqual(details);
      expect(detailsOf(json['access_token'])).toEqual(details);

      const whole = await test.refresh(String(json['refresh_token']), {}, 'rich');
      expect(whole.json['authorization_details']).toEqual([pay(), { type: 'calendar' }]);
      const again = await test.refresh(
        String(whole.json['refresh_token']),
        narrowed(details),
        'rich',
      );
      expect(again.json['authorization_details']).toEqual(details);
    });
  }

  for (const [what, details] of [
    ['another creditor', [pay({ creditor: 'Mallory' })]],
    ['a longer list', [pay({ actions: ['initiate', 'status', 'cancel'] })]],
    ['a member left out', [pay({ actions: undefined })]],
    ['a member added', [pay({ instant: true })]],
    ['another amount', [pay({ amount: { currency: 'EUR', value: '1250' } })]],
    ['a type that was not granted', [pay(), { type: 'calendar' }]],
    ['an empty list', [pay({ actions: [] })]],
    ['no list at all', {}],
  ] as const) {
    it(`never to ${what}, and the code is not spent on it`, async () => {
      const test = create();
      const code = await test.code(asking([pay()]));
      const refused = await test.redeem(code, narrowed(details), 'rich');
      expect(refused.json['error']).toBe('invalid_authorization_details');

      const { json, status } = await test.redeem(code, {}, 'rich');
      expect(status).toBe(200);
      const refresh = await test.refresh(String(json['refresh_token']), narrowed(details), 'rich');
      expect(refresh.json['error']).toBe('invalid_authorization_details');
    });
  }

  it('where nothing was granted there is nothing to ask for', async () => {
    const test = create();
    const refused = await test.redeem(
      await test.code({ client_id: 'rich' }),
      narrowed([pay()]),
      'rich',
    );

    expect(refused.json['error']).toBe('invalid_authorization_details');
  });

  it('and so does the operator, who takes a type from the client', async () => {
    const test = create();
    const tokens = await test.redeem(
      await test.code(asking([pay(), { type: 'calendar' }])),
      {},
      'rich',
    );
    test.clients.set('rich', makeClient('rich', { authorizationDetailsTypes: ['calendar'] }));
    const { json } = await test.refresh(String(tokens.json['refresh_token']), {}, 'rich');

    expect(json['authorization_details']).toEqual([{ type: 'calendar' }]);
  });
});

describe('the End-User sees all of it, and agrees to exactly that (RFC 9396 §2; RR-3)', () => {
  const pageOf = ({ page }: Answer) => {
    if (page?.kind !== 'consent') throw new Error('no consent page');
    return page;
  };
  const agree = async (test: TestIssuer, details: unknown, decision = 'allow') => {
    const { handle } = pageOf(await test.authorize(asking(details, 'once')));
    return test.consent({ handle, decision });
  };

  it('on the page, by the words of the operator and every member', async () => {
    const { authorize } = create();
    const page = pageOf(await authorize(asking([pay(), { type: 'calendar' }], 'once')));

    expect(page.details).toEqual([
      {
        description: 'Start a payment',
        members: [
          ['actions', 'initiate, status'],
          ['creditor', 'ACME'],
          ['amount currency', 'EUR'],
          ['amount value', '12.50'],
        ],
      },
      { description: 'Your calendar', members: [] },
    ]);
    expect(scopeNamesOf(page)).toEqual(['openid', 'profile', 'email', 'groups', 'offline_access']);
  });

  it('is not asked again about the same, in whatever order it is written', async () => {
    const test = create();
    expect((await agree(test, [pay()])).params.has('code')).toBe(true);

    const { type, ...rest } = pay();
    const again = await test.authorize(asking([{ ...rest, type }], 'once'));
    expect(again.params.has('code')).toBe(true);
    expect((await test.authorize({ client_id: 'once' })).params.has('code')).toBe(true);
  });

  it('is asked about anything else, and about what was agreed to before that', async () => {
    const test = create();
    await test.consent({
      handle: pageOf(await test.authorize({ client_id: 'once' })).handle,
      decision: 'allow',
    });
    pageOf(await test.authorize(asking([pay()], 'once')));
    await agree(test, [pay()]);

    for (const other of [
      [pay({ creditor: 'Mallory' })],
      [pay({ actions: ['initiate'] })],
      [pay(), pay()],
      [pay(), { type: 'calendar' }],
    ]) {
      pageOf(await test.authorize(asking(other, 'once')));
    }
    await agree(test, [pay({ creditor: 'Baker' })]);
    pageOf(await test.authorize(asking([pay()], 'once')));
  });

  it('is asked in vain by a client that wants no page', async () => {
    const test = create();
    const { params } = await test.authorize({ ...asking([pay()], 'once'), prompt: 'none' });

    expect(params.get('error')).toBe('consent_required');
  });

  it('and who is asked about one payment does not agree to another by a reload', async () => {
    const test = create();
    const { handle } = pageOf(await test.authorize(asking([pay()], 'once')));
    const allowed = await test.consent({ handle, decision: 'allow' });
    const { json } = await test.redeem(allowed.params.get('code') ?? '', {}, 'once');

    expect(json['authorization_details']).toEqual([pay()]);
  });
});
