// Header lines → values, for every kind of attribute.

import type { Readers } from './attributes.ts';
import { createExtraReader, createFlagReader } from './extra.ts';
import { createParsedReader, createTextReader, type TextRules } from './fields.ts';
import { createListReader } from './lists.ts';
import type { AnyField } from './options.ts';

const EPOCH_SECONDS = /^[1-9]\d{0,9}$/; // milliseconds would lie fifty thousand years ahead
const FLAG = /^[!-~]+$/;
const MAX_JSON = 8 * 1024;

export const createHeaderReaders = (
  isPlaceholder: TextRules['isPlaceholder'],
): Readers<AnyField, readonly string[]> => ({
  text: (field, shape) => createTextReader({ field, ...shape, isPlaceholder }),
  list: (field, shape) => createListReader(field, { field, ...shape, isPlaceholder }),
  seconds: (field) =>
    createParsedReader(
      createTextReader({ field, pattern: EPOCH_SECONDS, maxLength: 10, isPlaceholder }),
      Number,
    ),
  flag: (field) =>
    createFlagReader(createTextReader({ field, pattern: FLAG, maxLength: 5, isPlaceholder })),
  extra: (field, shape) => {
    const maxLength = field.type === 'json' ? MAX_JSON : shape.maxLength;
    return createExtraReader(
      field.type,
      createTextReader({ field, ...shape, maxLength, isPlaceholder }),
    );
  },
});
