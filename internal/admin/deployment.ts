// What the issuer tells its doctor: how it is configured and what it saw. Both sides read this file.

import type { DeclaredName } from '../upstream/declared.ts';
import type { Recording, Sighting } from './recorder.ts';

/** A path that the issuer answers. */
export type DeploymentRoute = {
  readonly path: string;
  readonly endpoint: string;
  readonly listener: 'browser' | 'back';
  readonly readsIdentity: boolean;
  readonly methods: readonly string[];
};

/** What an attacker of this deployment would like to know; nothing in it is secret. */
export type Deployment = {
  readonly issuer: string;
  readonly headers: readonly DeclaredName[];
  readonly routes: readonly DeploymentRoute[];
};

export type StartAnswer = Recording & Deployment;

export type RecordingAnswer = {
  readonly sightings: readonly Sighting[];
  readonly full: boolean;
};
