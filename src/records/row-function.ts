/** The function that turns one record into one line, compiled for the staged columns of a task. */

import type { Codec } from './codecs/codec.ts';
import type { FieldWriter } from './column-field.ts';
import { FAST_PATHS, NOT_BARE } from './fast-path.ts';
import { MAX_TEXT_IN_LINE } from './long-fields.ts';
import { isHalfway } from './native/decimal-number.ts';
import { isInherited, propertyOf } from './record-property.ts';

/** Writes the line of a record: its ordinal, one field a column, LF. */
export type RowFunction = (record: object, ordinal: number) => string;

export interface RowColumn {
  readonly property: string | number;
  readonly codec: Codec;
  readonly write: FieldWriter;
  /** True: only `write` sees the values, because it also notes them for the lane. */
  readonly noted: boolean;
  /** Whether null, and whether undefined, is staged as NULL without asking `write`. */
  readonly nullIsNull: boolean;
  readonly undefinedIsNull: boolean;
}

/** Generated code where the runtime allows it, closures otherwise; both write the same lines. */
export function rowFunction(columns: readonly RowColumn[]): RowFunction {
  return canGenerate() ? generatedRow(columns) : composedRow(columns);
}

/** `node --disallow-code-generation-from-strings` and some sandboxes forbid it. */
export function canGenerate(): boolean {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
}

/** A loop over the columns' writers. */
export function composedRow(columns: readonly RowColumn[]): RowFunction {
  return (record, ordinal) => {
    let line = `${ordinal}`;
    for (const { property, write } of columns) line += write(propertyOf(record, property), ordinal);
    return `${line}\n`;
  };
}

/**
 * Straight-line code with the properties as literals. Names reach the source through JSON.stringify
 * only; everything else of the outside world comes in through the parameters.
 */
export function generatedRow(columns: readonly RowColumn[]): RowFunction {
  const scope: Readonly<Record<string, unknown>> = {
    isSafeInteger: Number.isSafeInteger,
    isHalfway,
    notBare: NOT_BARE,
    hasOwn: Object.hasOwn,
    ...Object.fromEntries(columns.flatMap(scopeOf)),
  };
  const source = [
    '"use strict";',
    'return (record, ordinal) => {',
    'let line = "" + ordinal;',
    ...columns.map(columnSource),
    'return line + "\\n";',
    '};',
  ].join('\n');
  return new Function(...Object.keys(scope), source)(...Object.values(scope)) as RowFunction;
}

function scopeOf({ write, codec }: RowColumn, i: number): [string, unknown][] {
  return [
    [`write${i}`, write],
    [`maxLength${i}`, Math.min(codec.maxLength ?? MAX_TEXT_IN_LINE, MAX_TEXT_IN_LINE)],
    [`writeInstant${i}`, codec.writeInstant],
  ];
}

function columnSource(column: RowColumn, i: number): string {
  const value = `v${i}`;
  const read = `const ${value} = ${propertySource(column.property)};`;
  const branches: string[] = [];
  const fastPath = column.codec.fastPath;
  if (fastPath !== undefined && !column.noted) {
    const { when, field } = FAST_PATHS[fastPath];
    branches.push(`if (${filled(when, i)}) line += "," + ${filled(field, i)};`);
  }
  if (column.nullIsNull) branches.push(`if (${value} === null) line += ",";`);
  if (column.undefinedIsNull) branches.push(`if (${value} === undefined) line += ",";`);
  branches.push(`line += write${i}(${value}, ordinal);`);
  return `${read}\n${branches.join('\nelse ')}`;
}

export function filled(template: string, i: number): string {
  return template.replaceAll('{v}', `v${i}`).replaceAll('{i}', String(i));
}

export function propertySource(property: string | number): string {
  const key = JSON.stringify(property);
  return isInherited(property)
    ? `(hasOwn(record, ${key}) ? record[${key}] : undefined)`
    : `record[${key}]`;
}
