// Products without one configuration file of their own: what to set, as people would be told.

import { type Generator, type Setting, toLines } from './setting.ts';

export const instructions =
  (tell: (setting: Setting) => readonly string[]): Generator =>
  (setting) =>
    toLines(tell(setting));
