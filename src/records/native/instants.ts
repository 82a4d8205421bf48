/** date, time and timestamps: days or microseconds, counted from 2000-01-01. Texts in ISO form are read from their bytes. */

import { BLANK, COLON, MINUS, PLUS, POINT } from '../../core/ascii.ts';
import { digitAt } from './digits.ts';
import { setSafeInteger, writeInt32 } from './integers.ts';
import { FIXED_FIELD_BYTES, type FieldReader, NOT_READ, type TupleTarget } from './native-form.ts';

const MS_PER_DAY = 86_400_000;
/** 2000-01-01, in milliseconds since 1970. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
/** Up to here, counted from that day, microseconds are a safe integer: the year 2285. */
const SAFE_MS = 9_007_199_254_740;

/** A field of microseconds: milliseconds since 1970, and 0 to 999 more. */
export function writeInstant(target: TupleTarget, ms: number, micros: number, at: number): number {
  const { view } = target;
  const since = ms - POSTGRES_EPOCH_MS;
  view.setInt32(at, 8);
  if (since > -SAFE_MS && since < SAFE_MS) setSafeInteger(view, at + 4, since * 1000 + micros);
  else view.setBigInt64(at + 4, BigInt(since) * 1000n + BigInt(micros));
  return at + FIXED_FIELD_BYTES;
}

/** Days since 2000-01-01 of milliseconds since 1970 at midnight. */
export function daysOf(ms: number): number {
  return (ms - POSTGRES_EPOCH_MS) / MS_PER_DAY;
}

/** A field of microseconds since midnight. */
function writeTime({ view }: TupleTarget, micros: number, at: number): number {
  view.setInt32(at, 8);
  setSafeInteger(view, at + 4, micros);
  return at + FIXED_FIELD_BYTES;
}

/** `2024-02-29`; days that do not exist are not read. */
export const readDay: FieldReader = (source, from, to, target, at) => {
  const ms = to - from === 10 ? dayAt(source, from) : Number.NaN;
  return Number.isNaN(ms) ? NOT_READ : writeInt32(target, daysOf(ms), at);
};

/** `13:45:00.123456`; leap seconds are not read. */
export const readTime: FieldReader = (source, from, to, target, at) => {
  const micros = timeAt(source, from, to);
  return Number.isNaN(micros) ? NOT_READ : writeTime(target, micros, at);
};

/** A timestamp in ISO form, without a zone: a plain timestamp ignores one. */
export const readTimestamp: FieldReader = (source, from, to, target, at) => {
  const day = dateAt(source, from, to);
  const micros = timeAt(source, from + 11, to);
  return Number.isNaN(day + micros) ? NOT_READ : writeMicros(target, day, micros, at);
};

/** The same with a zone: without one the session decides what instant it is. */
export const readInstant: FieldReader = (source, from, to, target, at) => {
  const day = dateAt(source, from, to);
  const zone = zoneStart(source, from + 19, to);
  const micros = timeAt(source, from + 11, zone);
  const ms = day - zoneOffsetMs(source, zone, to);
  return Number.isNaN(ms + micros) ? NOT_READ : writeMicros(target, ms, micros, at);
};

/** @param micros past these milliseconds since 1970, up to a day */
function writeMicros(target: TupleTarget, ms: number, micros: number, at: number): number {
  const rest = micros % 1000;
  return writeInstant(target, ms + (micros - rest) / 1000, rest, at);
}

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The day with which a timestamp begins. All that follow give NaN for what they do not read. */
function dateAt(source: Uint8Array, from: number, to: number): number {
  const separator = source[from + 10];
  const isTimestamp = to - from >= 19 && (separator === BLANK || separator === T);
  return isTimestamp ? dayAt(source, from) : Number.NaN;
}

/** Ten bytes of a date, in milliseconds since 1970. */
function dayAt(source: Uint8Array, from: number): number {
  if (source[from + 4] !== MINUS || source[from + 7] !== MINUS) return Number.NaN;
  const year = twoDigits(source, from) * 100 + twoDigits(source, from + 2);
  const month = twoDigits(source, from + 5);
  const day = twoDigits(source, from + 8);
  // NaN fails each of these.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return Number.NaN;
  const leap = month === 2 && isLeap(year) ? 1 : 0;
  if (day > (DAYS_OF_MONTH[month - 1] ?? 0) + leap) return Number.NaN;
  return daysSince1970(year, month, day) * MS_PER_DAY;
}

/** Microseconds since midnight. */
function timeAt(source: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (!(length >= 8) || source[from + 2] !== COLON || source[from + 5] !== COLON) return Number.NaN;
  const hour = twoDigits(source, from);
  const minute = twoDigits(source, from + 3);
  const second = twoDigits(source, from + 6);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  const whole = (hour * 3600 + minute * 60 + second) * 1_000_000;
  return length === 8 ? whole : whole + fractionAt(source, from + 8, to);
}

/** `.5` to `.123456` in microseconds. More digits are the server's to round. */
function fractionAt(source: Uint8Array, from: number, to: number): number {
  const digits = to - from - 1;
  if (source[from] !== POINT || digits < 1 || digits > 6) return Number.NaN;
  let fraction = 0;
  for (let i = from + 1; i < to; i += 1) {
    const digit = digitAt(source, i);
    if (digit > 9) return Number.NaN;
    fraction = fraction * 10 + digit;
  }
  return fraction * (POWERS[6 - digits] ?? Number.NaN);
}

const POWERS = [1, 10, 100, 1000, 10_000, 100_000];

/** Where the zone begins: `Z`, or the sign behind the seconds. */
function zoneStart(source: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i += 1) {
    const unit = source[i];
    if (unit === Z || unit === PLUS || unit === MINUS) return i;
  }
  return Number.NaN;
}

/** `Z`, `+05`, `+05:30` or `+0530`. The server refuses more than 15:59 hours. */
function zoneOffsetMs(source: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (source[from] === Z) return length === 1 ? 0 : Number.NaN;
  const colon = length === 6 && source[from + 3] === COLON;
  if (length !== 3 && length !== 5 && !colon) return Number.NaN;
  const hours = twoDigits(source, from + 1);
  const minutes = length === 3 ? 0 : twoDigits(source, from + (colon ? 4 : 3));
  if (!(hours <= 15 && minutes <= 59)) return Number.NaN;
  const ms = (hours * 60 + minutes) * 60_000;
  return source[from] === MINUS ? -ms : ms;
}

const T = 0x54;
const Z = 0x5a;

/** NaN unless two digits are there. */
function twoDigits(source: Uint8Array, at: number): number {
  const tens = digitAt(source, at);
  const ones = digitAt(source, at + 1);
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Years begin in March here, so that the odd day is at their end. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
