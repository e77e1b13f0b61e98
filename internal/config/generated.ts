import { renderJsonSchemas } from './json-schema.ts';
import { renderReference } from './reference.ts';
import { renderSample } from './sample.ts';

/** Every file that is made from the schemas: name from the root of the project → text. */
export const renderGenerated = (): ReadonlyMap<string, string> =>
  new Map([
    ...renderJsonSchemas(),
    ['config/asteroid.yaml', renderSample()],
    ['docs/configuration.md', renderReference()],
  ]);
