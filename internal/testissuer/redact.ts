// What of a request may be shown: enough to say in an assertion what was asked, nothing that is secret, and
// nothing that is another in every run.

import type { Params } from '../protocol/params.ts';
import type { Step } from './api.ts';

/** By parameter. Of every other one only that it was there. */
const SHOWN: ReadonlySet<string> = new Set([
  'acr_values',
  'actor_token_type',
  'audience',
  'authorization_details',
  'claims',
  'client_assertion_type',
  'code_challenge_method',
  'decision',
  'display',
  'grant_type',
  'login_hint',
  'max_age',
  'post_logout_redirect_uri',
  'prompt',
  'redirect_uri',
  'requested_token_type',
  'resource',
  'response_mode',
  'response_type',
  'scope',
  'subject_token_type',
  'token_type_hint',
  'ui_locales',
]);

const REDACTED = '[redacted]';

/** `client_id` is left out: the step says whose it is. The port of an issuer is another in every run. */
export function toShown(params: Params, issuerUrl: string): Step['request'] {
  const show = (name: string, value: string) =>
    SHOWN.has(name) ? value.replaceAll(issuerUrl, '[issuer]') : REDACTED;
  return Object.fromEntries(
    [...params]
      .filter(([name]) => name !== 'client_id')
      .map(([name, values]) => {
        const [first = '', ...more] = values.map((value) => show(name, value));
        return [name, more.length === 0 ? first : [first, ...more]] as const;
      }),
  );
}
