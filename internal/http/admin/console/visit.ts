// One visit of a page: what was asked for, by whom, and what the page may ask in turn.

import type { Ask } from '../../../admin/api/answers.ts';
import type { IdentityReport } from '../../../admin/identity-log.ts';
import type { Minute } from '../../../telemetry/minutes.ts';
import type { Html } from '../../pages/html.ts';
import type { Place, Sheet, Viewer } from './layout.ts';

/** What is shown that the Admin API has no operation for; all of it is only read. */
export type Sources = {
  /** The last hour of all processes; undefined where nothing is counted. */
  readonly minutes: () => Promise<readonly Minute[] | undefined>;
  /** The latest requests that said who somebody is. */
  readonly identities: () => Promise<readonly IdentityReport[]>;
};

export type Given = Readonly<Record<string, string>>;

export type Visit = {
  /** Of the query, or of a form; only names that the page has. */
  readonly given: Given;
  readonly ask: Ask;
  readonly sources: Sources;
  readonly viewer: Viewer;
  /** Seconds since 1970. */
  readonly now: number;
};

export type PageEntry = {
  /** Below the prefix. */
  readonly path: string;
  /** What may stand in its query. */
  readonly names: readonly string[];
  readonly place: Place;
  readonly draw: (visit: Visit) => Promise<Sheet>;
};

/** What is asked before something is changed. */
export type Confirmation = {
  readonly title: string;
  readonly text: Html;
  readonly button: string;
  /** What cannot be undone. */
  readonly isGrave: boolean;
  /** Where whoever thinks better of it goes. */
  readonly back: string;
};

/** Where somebody goes from there, or what they are shown once. */
type Done = { readonly to: string } | { readonly sheet: Sheet };

export type Act = {
  /** The last segment of its path. */
  readonly word: string;
  /** What it is about; each comes back with the form. */
  readonly names: readonly string[];
  readonly place: Place;
  readonly confirm: (visit: Visit) => Promise<Confirmation>;
  readonly run: (visit: Visit) => Promise<Done>;
};
