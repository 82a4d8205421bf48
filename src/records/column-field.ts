/** One staged column: a value of a record becomes `,` and its CSV field, or an error that says where. */

import { shortText } from '../core/short-text.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import type { Codec } from './codecs/codec.ts';
import { Refusal } from './codecs/refusal.ts';
import { csvField } from './csv-field.ts';
import { LONG_FIELD, type LongFields } from './long-fields.ts';

/** Writes the separator and the field of any value. @throws RelytError RECORD_INVALID */
export type FieldWriter = (value: unknown, ordinal: number) => string;

export interface FieldOptions {
  readonly column: TargetColumn;
  readonly codec: Codec;
  /** Receives the canonical text of every value, when the column decides the lane. */
  readonly onKeyText?: ((text: string) => void) | undefined;
  /** Takes the fields that are too long for the line. */
  readonly longFields: LongFields;
}

export function fieldWriter({ column, codec, onKeyText, longFields }: FieldOptions): FieldWriter {
  const canonical = codec.canonical;
  // A caller that notes the text needs all of it.
  const overflow = onKeyText === undefined ? longFields : undefined;
  return (value, ordinal) => {
    if (value === null || value === undefined) {
      checkAbsent(column, value, ordinal);
      return ',';
    }
    try {
      const text = codec.encode(value, overflow);
      if (onKeyText !== undefined && canonical !== undefined) onKeyText(canonical(text));
      return longFields.ended(text) ? `,${LONG_FIELD}` : `,${csvField(text)}`;
    } catch (error) {
      throw refusedField(column, ordinal, error);
    }
  };
}

/** True when an undefined value may be staged as NULL. */
export function undefinedIsNull(column: TargetColumn): boolean {
  return !column.notNull && !column.hasDefault;
}

/** Refuses what must not be staged as NULL. @throws RelytError RECORD_INVALID */
export function checkAbsent(column: TargetColumn, value: null | undefined, ordinal: number): void {
  if (value === undefined && column.hasDefault) {
    throw invalid(column, ordinal, {
      got: 'no value',
      wrong: 'was given, but the column is loaded, so its default cannot be applied',
      hint: `Give every record ${column.notNull ? 'a value' : 'a value or null'} for the column, or none of them.`,
    });
  }
  if (column.notNull) {
    throw invalid(column, ordinal, {
      got: value === null ? 'null' : 'no value',
      wrong: 'was given to a NOT NULL column',
    });
  }
}

/** The error for what a codec threw. */
export function refusedField(column: TargetColumn, ordinal: number, error: unknown): RelytError {
  if (error instanceof Refusal) {
    return invalid(column, ordinal, {
      got: error.got,
      kind: error.kind,
      wrong: error.message,
      hint: error.hint,
    });
  }
  return invalid(column, ordinal, {
    got: 'the value',
    wrong: 'threw an error when it was read (see the cause)',
    cause: error,
  });
}

interface Reason {
  readonly got: string;
  readonly wrong: string;
  /** Defaults to `got`. */
  readonly kind?: string;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

function invalid(column: TargetColumn, record: number, reason: Reason): RelytError {
  const { got, wrong, kind = got, hint, cause } = reason;
  const place = `Record ${record}, column "${shortText(column.name)}" (${shortText(column.sqlType)})`;
  return new RelytError('RECORD_INVALID', `${place}: ${got} ${wrong}.`, {
    details: { record, column: column.name, expected: column.sqlType, got: kind },
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
