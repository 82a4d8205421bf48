/** date, time and timestamps: days or microseconds, counted from 2000-01-01. Texts in ISO form are read here, others by the server. */

import { setSafeInteger } from './integers.ts';
import { FIXED_FIELD_BYTES, type TupleTarget } from './native-form.ts';

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

export interface IsoInstant {
  /** Since 1970. */
  readonly ms: number;
  /** Beyond the milliseconds. */
  readonly micros: number;
}

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `2024-02-29` in milliseconds since 1970; undefined for every other form and for days that do not exist. */
export function isoDay(text: string): number | undefined {
  return text.length === 10 ? dayAt(text) : undefined;
}

/** The day with which a text begins. */
function dayAt(text: string): number | undefined {
  if (text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  // NaN fails each of these.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return undefined;
  const leap = month === 2 && isLeap(year) ? 1 : 0;
  if (day > (DAYS_OF_MONTH[month - 1] ?? 0) + leap) return undefined;
  return daysSince1970(year, month, day) * MS_PER_DAY;
}

/** `13:45:00.123456` in microseconds since midnight; undefined for every other form, leap seconds among them. */
export function isoTime(text: string, from = 0, to = text.length): number | undefined {
  const length = to - from;
  if (length < 8 || text.charCodeAt(from + 2) !== COLON || text.charCodeAt(from + 5) !== COLON)
    return undefined;
  const hour = twoDigits(text, from);
  const minute = twoDigits(text, from + 3);
  const second = twoDigits(text, from + 6);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  const whole = (hour * 3600 + minute * 60 + second) * 1_000_000;
  if (length === 8) return whole;
  const fraction = fractionOf(text, from + 8, to);
  return fraction === undefined ? undefined : whole + fraction;
}

/** `.5` to `.123456` in microseconds. More digits are the server's to round. */
function fractionOf(text: string, from: number, to: number): number | undefined {
  const digits = to - from - 1;
  if (text.charCodeAt(from) !== POINT || digits < 1 || digits > 6) return undefined;
  let fraction = 0;
  for (let i = from + 1; i < to; i += 1) {
    const digit = text.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    fraction = fraction * 10 + digit;
  }
  return fraction * 10 ** (6 - digits);
}

/**
 * A timestamp in ISO form; with a zone exactly where `zoned` says so, because without one the session decides what
 * instant it is, and a plain timestamp ignores one.
 */
export function isoInstant(text: string, zoned: boolean): IsoInstant | undefined {
  const day = text.length >= 19 ? dayAt(text) : undefined;
  const separator = text.charCodeAt(10);
  if (day === undefined || (separator !== BLANK && separator !== T)) return undefined;
  const end = zoned ? zoneStart(text) : text.length;
  const time = end === undefined ? undefined : isoTime(text, 11, end);
  const offset = end === undefined || !zoned ? 0 : zoneOffsetMs(text, end);
  if (time === undefined || offset === undefined) return undefined;
  const micros = time % 1000;
  return { ms: day + (time - micros) / 1000 - offset, micros };
}

/** Where the zone begins: `Z`, or the sign behind the seconds. */
function zoneStart(text: string): number | undefined {
  for (let i = 19; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === Z || unit === PLUS || unit === HYPHEN) return i;
  }
  return undefined;
}

/** `Z`, `+05`, `+05:30` or `+0530`. The server refuses more than 15:59 hours. */
function zoneOffsetMs(text: string, from: number): number | undefined {
  const length = text.length - from;
  if (text.charCodeAt(from) === Z) return length === 1 ? 0 : undefined;
  const colon = text.charCodeAt(from + 3) === COLON;
  if (length !== 3 && length !== 5 && !(length === 6 && colon)) return undefined;
  const hours = twoDigits(text, from + 1);
  const minutes = length === 3 ? 0 : twoDigits(text, from + (colon ? 4 : 3));
  if (!(hours <= 15 && minutes <= 59)) return undefined;
  const ms = (hours * 60 + minutes) * 60_000;
  return text.charCodeAt(from) === HYPHEN ? -ms : ms;
}

const ZERO = 0x30;
const HYPHEN = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;
const BLANK = 0x20;
const PLUS = 0x2b;
const T = 0x54;
const Z = 0x5a;

/** NaN unless two digits stand there. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Years begin in March here, so that the odd day stands at their end. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
