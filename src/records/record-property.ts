/** Reads properties of a record, whatever it is, and makes the error for one that cannot be read. */

import { shortText } from '../core/short-text.ts';
import { type ErrorDetails, RelytError } from '../errors.ts';

/** The value of a property; `toString` and its like are columns only when the record itself has them. */
export function propertyOf(record: object, property: string | number): unknown {
  if (isInherited(property) && !Object.hasOwn(record, property)) return undefined;
  return (record as Record<string | number, unknown>)[property];
}

/** Reads a property of one record after another: what is known of its name is asked once. */
export function propertyReader(property: string | number): (record: object) => unknown {
  if (isInherited(property)) return (record) => propertyOf(record, property);
  return (record) => (record as Record<string | number, unknown>)[property];
}

/** Every object has these, so that reading one does not tell whether the record gives it. */
export function isInherited(property: string | number): boolean {
  return property in Object.prototype;
}

/** A property as messages name it. */
export function shownProperty(property: string | number): string {
  return typeof property === 'number' ? `element ${property}` : `property "${shortText(property)}"`;
}

export interface UnreadableRecord {
  readonly record: object;
  /** The beginning of the message: `Record 5`. */
  readonly subject: string;
  /** Column and property: what may have been read, beside the properties the record itself has. */
  readonly read: Iterable<readonly [column: string, property: string | number]>;
  readonly details: ErrorDetails;
  /** What a getter or a proxy of the record threw. */
  readonly cause: unknown;
}

/** Names the property that throws; it is read again for that, because only a failed record can afford to look. */
export function unreadableRecord(unreadable: UnreadableRecord): RelytError {
  const { record, subject, read, details, cause } = unreadable;
  const candidates = [...read, ...keysOf(record).map((key) => [key, key] as const)];
  const found = candidates.find(([, property]) => throws(record, property));
  const what = found === undefined ? 'it' : `its ${shownProperty(found[1])}`;
  return new RelytError(
    'RECORD_INVALID',
    `${subject} threw an error when ${what} was read (see the cause).`,
    { details: { ...details, ...(found === undefined ? {} : { column: found[0] }) }, cause },
  );
}

function keysOf(record: object): readonly string[] {
  try {
    return Object.keys(record);
  } catch {
    return [];
  }
}

function throws(record: object, property: string | number): boolean {
  try {
    propertyOf(record, property);
    return false;
  } catch {
    return true;
  }
}
