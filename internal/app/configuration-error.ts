import { KeyConfigError } from '../keys/key-config-error.ts';
import { ConfigError } from '../loader/problem.ts';
import { AssemblyError } from './upstream-options.ts';

const KINDS = [ConfigError, AssemblyError, KeyConfigError];

/** Starting again will not help until somebody changes something. */
export const isConfigurationError = (error: unknown): boolean =>
  KINDS.some((kind) => error instanceof kind);
