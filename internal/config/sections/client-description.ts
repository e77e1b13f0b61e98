// What one client says of itself to End-Users and to whoever runs the issuer.

import * as z from 'zod';
import type { ClientDescription } from '../../protocol/client-description.ts';
import { text, textWith } from '../fields.ts';
import { findRedirectUriProblem } from '../redirect-uri.ts';

const TERMS = { applicationType: 'web', allowHttp: false } as const;

export const findWebPageProblem = (uri: string): string | undefined =>
  uri.startsWith('https://') ? findRedirectUriProblem(uri, TERMS) : 'has to be an https URL';

/** Shown to End-Users as a link or a picture: one that could run as script is refused here already. */
const webPage = () => textWith(findWebPageProblem);

/** Keys of a client's metadata. */
export const clientDescription = {
  client_uri: webPage().optional().meta({ description: 'Its home page, shown with its name' }),
  logo_uri: webPage().optional().meta({
    description: 'Its picture, which browsers fetch when End-Users are asked for consent',
  }),
  policy_uri: webPage().optional().meta({
    description: 'What it does with data of End-Users; shown when they are asked for consent',
  }),
  tos_uri: webPage().optional().meta({
    description: 'Its terms of service; shown when End-Users are asked for consent',
  }),
  contacts: z
    .array(text())
    .default([])
    .meta({
      description: 'Whom to ask about it, as email addresses',
      examples: [['team@example.com']],
    }),
  initiate_login_uri: webPage().optional().meta({
    description: 'Where a sign-in to it begins when somebody else begins it; kept for whoever asks',
  }),
  software_id: text().optional().meta({ description: 'Which software it is (RFC 7591 §2)' }),
  software_version: text().optional().meta({ description: 'Which version of it' }),
};

type Given = {
  readonly [Key in 'client_uri' | 'logo_uri' | 'policy_uri' | 'tos_uri']?: string | undefined;
};

/** From the names of the file to those of the domain; the operator wrote it, unless somebody says so. */
export const toDescription = (given: Given): ClientDescription => ({
  registered: false,
  clientUri: given.client_uri,
  policyUri: given.policy_uri,
  tosUri: given.tos_uri,
  logoUri: given.logo_uri,
});
