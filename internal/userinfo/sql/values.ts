// From values of PostgreSQL to those of JSON. What has no obvious form in JSON stays the text that the
// server writes.

import pg from 'pg';
import { malformed } from '../source-error.ts';

const OIDS = {
  bytea: 17,
  int8: 20,
  json: 114,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  jsonb: 3802,
  texts: 1009,
} as const;

/** Of the client itself: booleans, small integers, floats, JSON, and lists of those and of texts. */
const BY_CLIENT: ReadonlySet<number> = new Set([
  ...[16, 21, 23, 26, 700, 701, OIDS.json, OIDS.jsonb],
  ...[199, 1000, 1005, 1007, OIDS.texts, 1014, 1015, 1021, 1022, 2951, 3807],
]);

type Read = (text: string) => unknown;

const readByClient = (oid: number): Read => pg.types.getTypeParser(oid, 'text');

/** Lists have one form whatever is in them. */
const listOf =
  (read: Read): Read =>
  (text) => {
    const items = readByClient(OIDS.texts)(text);
    return Array.isArray(items) ? items.map((item) => (item === null ? null : read(item))) : null;
  };

const asText: Read = (text) => text;

/** Numbers that JSON would round are a failure: another number is another account. */
const readNumber: Read = (text) => {
  const value = Number(text);
  const isWhole = /^-?\d+$/.test(text);
  if (isWhole && !Number.isSafeInteger(value)) throw malformed('a number is too long for JSON');
  return value;
};

/** Seconds since 1970; one without a zone is meant in UTC. Null: infinity, or before Christ. */
const readTime: Read = (text) => {
  const [, day, time, zone = '+00'] = /^(\S+) ([\d:]+)(?:\.\d+)?([+-]\S+)?$/.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}${zone.length === 3 ? `${zone}:00` : zone}`);
  return Number.isNaN(at) ? null : at / 1000;
};

const refuse: Read = () => {
  throw malformed('a column is bytea, which is not text');
};

const READERS: ReadonlyMap<number, Read> = new Map<number, Read>([
  [OIDS.bytea, refuse],
  [1001, refuse],
  [OIDS.int8, readNumber],
  [1016, listOf(readNumber)],
  [OIDS.numeric, readNumber],
  [1231, listOf(readNumber)],
  [OIDS.date, asText],
  [1182, listOf(asText)],
  [OIDS.timestamp, readTime],
  [1115, listOf(readTime)],
  [OIDS.timestamptz, readTime],
  [1185, listOf(readTime)],
]);

/** How a value of a type, which the server names by number, is read. */
export const readerOf = (oid: number): Read =>
  READERS.get(oid) ?? (BY_CLIENT.has(oid) ? readByClient(oid) : asText);

export const isJson = (oid: number): boolean => oid === OIDS.json || oid === OIDS.jsonb;
