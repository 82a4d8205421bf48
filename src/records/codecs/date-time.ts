/**
 * date, time, timestamp and interval. A Date is an instant: it fits timestamptz exactly, timestamp as
 * UTC, and date only at midnight UTC. Text is passed on as it is.
 */

import { types } from 'node:util';
import {
  daysOf,
  readDay,
  readInstant,
  readTime,
  readTimestamp,
  writeInstant,
} from '../native/instants.ts';
import { writeInt32 } from '../native/integers.ts';
import { writeText } from '../native/text-bytes.ts';
import type { Codec } from './codec.ts';
import { beginsWithDigit } from './kept-text.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';
import { FIRST_MS, timestampWriter, utcDay } from './utc-text.ts';

/** Without a digit only these words make a date or a time. */
const DATE_WORDS = /\d|now|today|tomorrow|yesterday|inf|epoch|allballs/i;
/** The server takes odd things for an interval (a lone point is zero), a blank text never. */
const INTERVAL_WORDS = /\S/;
const MS_PER_DAY = 86_400_000;

export function timestampCodec(name: 'timestamp' | 'timestamptz'): Codec {
  const zoned = name === 'timestamptz';
  const write = timestampWriter(zoned ? 'Z' : '');
  const read = zoned ? readInstant : readTimestamp;
  return {
    fastPath: 'instant',
    writeInstant: write,
    encode: (value) => (isDate(value) ? write(validMs(value)) : textOf(value, TIMESTAMP)),
    isKept: beginsWithDigit,
    native: {
      path: 'instant',
      read,
      write(value, target, at) {
        if (isDate(value)) return writeInstant(target, validMs(value), 0, at);
        return writeText(read, textOf(value, TIMESTAMP), target, at);
      },
    },
  };
}

export function dateCodec(): Codec {
  return {
    encode: (value) => (isDate(value) ? utcDay(midnight(value)) : textOf(value, DATE)),
    isKept: beginsWithDigit,
    native: {
      read: readDay,
      write(value, target, at) {
        if (isDate(value)) return writeInt32(target, daysOf(midnight(value)), at);
        return writeText(readDay, textOf(value, DATE), target, at);
      },
    },
  };
}

function midnight(date: Date): number {
  const ms = validMs(date);
  if (ms % MS_PER_DAY === 0) return ms;
  throw new Refusal(date, 'has a time of day, which a date would lose', {
    hint: 'Pass "YYYY-MM-DD", or a Date at midnight UTC such as new Date(Date.UTC(2024, 1, 29)).',
  });
}

/** No Date, because the day of one would be lost. */
export function timeCodec(): Codec {
  return {
    encode: timeText,
    isKept: beginsWithDigit,
    native: {
      read: readTime,
      write: (value, target, at) => writeText(readTime, timeText(value), target, at),
    },
  };
}

/** Its zone is part of the value, and may be one of the session. */
export function zonedTimeCodec(): Codec {
  return { encode: timeText, isKept: beginsWithDigit };
}

function timeText(value: unknown): string {
  return textOf(value, TIME);
}

export function intervalCodec(): Codec {
  return { encode: (value) => textOf(value, INTERVAL), isKept: beginsWithDigit };
}

interface Wanted {
  readonly words: RegExp;
  readonly wrong: string;
  readonly hint: string;
}

const TIMESTAMP: Wanted = {
  words: DATE_WORDS,
  wrong: 'is not a timestamp',
  hint: 'Pass a Date or a string such as "2024-02-29 13:45:00.123456+00"; milliseconds go through new Date(ms).',
};
const DATE: Wanted = {
  words: DATE_WORDS,
  wrong: 'is not a date',
  hint: 'Pass a string such as "2024-02-29", or a Date at midnight UTC.',
};
const TIME: Wanted = {
  words: DATE_WORDS,
  wrong: 'is not a time of day',
  hint: 'Pass a string such as "13:45:00.123456".',
};
const INTERVAL: Wanted = {
  words: INTERVAL_WORDS,
  wrong: 'is not an interval',
  hint: 'Pass a string such as "1 day 02:30:00" or "PT2H30M".',
};

function textOf(value: unknown, wanted: Wanted): string {
  if (typeof value === 'string' && wanted.words.test(value)) return stageable(value);
  throw new Refusal(value, wanted.wrong, { hint: wanted.hint });
}

/** The second test is slower and knows Dates of other realms (vm contexts, test runners). */
function isDate(value: unknown): value is Date {
  return value instanceof Date || types.isDate(value);
}

function validMs(date: Date): number {
  const ms = date.getTime();
  if (ms >= FIRST_MS) return ms;
  if (Number.isNaN(ms)) {
    throw new Refusal(date, 'holds no time', {
      hint: 'Check what the Date was made from; new Date("…") of a string it cannot read is invalid.',
    });
  }
  throw new Refusal(date, 'lies before 4714-11-24 BC, the first day PostgreSQL has');
}
