import type { JsonValue } from '../../../protocol/claims.ts';

export type ConfigurationReader = {
  /** What is in force, without its secrets. */
  read(): {
    readonly configuration: JsonValue;
    readonly files: readonly string[];
    /** The files say something else, and could not be taken. */
    readonly outdated: boolean;
    /** Options whose value in the files counts from a restart on. */
    readonly restart_needed: readonly string[];
  };
  /** Resolves once the files were read again; what became of it, `outdated` says. */
  reload(): Promise<void>;
};
