// Lists: groups and authentication methods. Never shortened: a list that is too long is
// refused whole, because a group that silently went missing may have been the one that denies.

import { DECODERS } from './encodings.ts';
import {
  ABSENT,
  createTextCheck,
  createValueReader,
  isBlank,
  MALFORMED,
  PLACEHOLDER,
  type Reader,
  type Reading,
  type TextRules,
  undecodableAs,
} from './fields.ts';
import type { ListFormat, ListOptions } from './options.ts';

const MAX_ENTRIES = 200;
/** Of all entries together. */
export const MAX_LENGTH = 8 * 1024;

// Looks at a run of blanks once, wherever it stands: eight thousand of them would block a thread.
const BLANK_EDGES = /^[\t ]+|(?<![\t ])[\t ]+$/g;

type Split = (line: string) => readonly string[];

/** A delimiter inside an entry is beyond repair here: the proxy has to escape it or use JSON. */
const SPLITTERS: Readonly<Record<Exclude<ListFormat, 'json'>, Split>> = {
  csv: (line) => line.split(',').map((entry) => entry.replace(BLANK_EDGES, '')), // RFC 9110 §5.6.1
  pipe: (line) => line.split('|'),
  space: (line) => line.split(/[\t ]/),
  repeated: (line) => [line],
};

/** Entries without empty and repeated ones; absent when none is left. */
export function createListReader(options: ListOptions, rules: TextRules): Reader<string[]> {
  const { format = 'csv' } = options;
  const finish = createFinish(options);
  const readEntries =
    format === 'json' ? createJsonEntries(rules) : createEntries(SPLITTERS[format], rules);
  return (lines) => {
    if (lines.every(isBlank)) return ABSENT;
    if (lines.some(rules.isPlaceholder)) return PLACEHOLDER;
    if (lines.reduce((sum, line) => sum + line.length, 0) > MAX_LENGTH) return MALFORMED;
    const reading = readEntries(lines);
    return reading.kind === 'read' ? finish(reading.value) : reading;
  };
}

/** Entries, each of them readable → the list: once each, not too many, only those that pass. */
export function createFinish({ allow, prefix = '' }: Pick<ListOptions, 'allow' | 'prefix'>) {
  return (all: readonly string[]): Reading<string[]> => {
    const entries = [...new Set(all)];
    if (entries.length > MAX_ENTRIES) return MALFORMED;
    const passed = allow === undefined ? entries : entries.filter((entry) => allow.includes(entry));
    if (passed.length === 0) return ABSENT;
    return { kind: 'read', value: passed.map((entry) => prefix + entry) };
  };
}

/** Split first and decode then: a delimiter that the proxy encoded is part of the entry. */
function createEntries(split: Split, rules: TextRules): Reader<string[]> {
  const readValue = createValueReader(rules);
  return (lines) => {
    const entries: string[] = [];
    for (const raw of lines.flatMap(split)) {
      if (raw === '') continue;
      const reading = readValue(raw);
      if (reading.kind !== 'read') return reading;
      entries.push(reading.value);
    }
    return { kind: 'read', value: entries };
  };
}

function createJsonEntries(rules: TextRules): Reader<string[]> {
  const { encoding = 'ascii' } = rules.field;
  const decode = DECODERS[encoding];
  const isAcceptable = createTextCheck(rules);
  return ([line = '']): Reading<string[]> => {
    const text = decode(line);
    if (text === undefined) return undecodableAs(encoding);
    const entries = parseStrings(text)?.filter((entry) => entry !== '');
    if (entries === undefined || !entries.every(isAcceptable)) return MALFORMED;
    return { kind: 'read', value: entries };
  };
}

function parseStrings(text: string): string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const isList = Array.isArray(parsed) && parsed.every((entry) => typeof entry === 'string');
    return isList ? parsed : undefined;
  } catch {
    return undefined;
  }
}
