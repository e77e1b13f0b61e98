// From the words of asteroid.yaml, and the files it names, to what pages look like.

import { type Brand, TEMPLATE } from '../http/pages/brand.ts';
import { printStyle } from '../http/pages/style.ts';
import type { Snapshot } from '../loader/load.ts';
import { rememberLast } from '../oidc/remember-last.ts';

/** One object until the configuration is another one. */
export const createBrand = (
  snapshot: () => Pick<Snapshot, 'config' | 'pageFiles'>,
): (() => Brand) => {
  const brandFor = rememberLast(toBrand);
  return () => brandFor(snapshot());
};

const toBrand = ({ config, pageFiles }: Pick<Snapshot, 'config' | 'pageFiles'>): Brand => {
  const { name, logo, accent, links, default_language: defaultLanguage } = config.pages;
  return {
    name,
    logo: logo ?? pageFiles.logo,
    style: printStyle(accent ?? {}),
    links,
    defaultLanguage,
    template: pageFiles.template ?? TEMPLATE,
  };
};
