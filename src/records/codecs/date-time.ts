/**
 * date, time, timestamp and interval. A Date is an instant: it fits timestamptz exactly, timestamp as
 * UTC, and date only at midnight UTC. Text is passed on as it is.
 */

import { types } from 'node:util';
import type { Codec } from './codec.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';
import { FIRST_MS, timestampWriter, utcDay } from './utc-text.ts';

/** Without a digit only these words make a date or a time. */
const DATE_WORDS = /\d|now|today|tomorrow|yesterday|inf|epoch|allballs/i;
/** The server takes odd things for an interval (a lone point is zero), a blank text never. */
const INTERVAL_WORDS = /\S/;
const MS_PER_DAY = 86_400_000;

export function timestampCodec(name: 'timestamp' | 'timestamptz'): Codec {
  const write = timestampWriter(name === 'timestamptz' ? 'Z' : '');
  return {
    fastPath: 'instant',
    writeInstant: write,
    encode: (value) => (isDate(value) ? write(validMs(value)) : textOf(value, TIMESTAMP)),
  };
}

export function dateCodec(): Codec {
  return {
    encode(value) {
      if (!isDate(value)) return textOf(value, DATE);
      const ms = validMs(value);
      if (ms % MS_PER_DAY === 0) return utcDay(ms);
      throw new Refusal(value, 'has a time of day, which a date would lose', {
        hint: 'Pass "YYYY-MM-DD", or a Date at midnight UTC such as new Date(Date.UTC(2024, 1, 29)).',
      });
    },
  };
}

/** time and timetz: no Date, because the day of one would be lost. */
export function timeCodec(): Codec {
  return { encode: (value) => textOf(value, TIME) };
}

export function intervalCodec(): Codec {
  return { encode: (value) => textOf(value, INTERVAL) };
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
      hint: 'Check what the Date was made from; new Date("…") of a text it cannot read is invalid.',
    });
  }
  throw new Refusal(date, 'lies before 4714-11-24 BC, the first day PostgreSQL has');
}
