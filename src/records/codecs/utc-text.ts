/** A Date as PostgreSQL's ISO text in UTC. Consecutive records are mostly of one minute, so its text is kept. */

const MS_PER_DAY = 86_400_000;
const MS_PER_MINUTE = 60_000;
/** 4714-11-24 BC, Julian day 0: the first day PostgreSQL has. Its last lies beyond JavaScript's. */
export const FIRST_MS = -210_866_803_200_000;

const MINUTES = Array.from(
  { length: 24 * 60 },
  (_, i) => `${twoDigits(Math.floor(i / 60))}:${twoDigits(i % 60)}:`,
);
const SECONDS = Array.from({ length: 60 }, (_, i) => twoDigits(i));
const MILLIS = Array.from({ length: 1000 }, (_, i) => `.${String(i).padStart(3, '0')}`);

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

/** `2024-02-29`, `10000-01-01`, `0044-03-15`; the era is apart because it is at the end of the whole text. */
function dayText(ms: number): string {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  const shown = String(year > 0 ? year : 1 - year).padStart(4, '0');
  return `${shown}-${twoDigits(date.getUTCMonth() + 1)}-${twoDigits(date.getUTCDate())}`;
}

/** Before the year 1, counted without a year 0. */
const FIRST_AD_MS = Date.UTC(2000, 0, 1) - 730_119 * MS_PER_DAY;

function eraOf(ms: number): string {
  return ms < FIRST_AD_MS ? ' BC' : '';
}

/** The day of a Date at midnight UTC. */
export function utcDay(ms: number): string {
  return dayText(ms) + eraOf(ms);
}

/**
 * A function from milliseconds to `2024-02-29 13:45:00.123` and the zone; keeps the last day and the last minute it
 * wrote, so it belongs to one column.
 */
export function timestampWriter(zone: '' | 'Z'): (ms: number) => string {
  const ends = MILLIS.map((text) => text + zone);
  let dayStart = Number.NaN;
  let day = '';
  let era = '';
  let minuteStart = Number.NaN;
  let toMinute = '';
  const startMinute = (ms: number) => {
    if (!(ms >= dayStart && ms < dayStart + MS_PER_DAY)) {
      dayStart = Math.floor(ms / MS_PER_DAY) * MS_PER_DAY;
      day = `${dayText(dayStart)} `;
      era = eraOf(dayStart);
    }
    const minute = Math.floor((ms - dayStart) / MS_PER_MINUTE);
    minuteStart = dayStart + minute * MS_PER_MINUTE;
    toMinute = `${day}${MINUTES[minute]}`;
  };
  return (ms) => {
    if (!(ms >= minuteStart && ms < minuteStart + MS_PER_MINUTE)) startMinute(ms);
    const rest = ms - minuteStart;
    const second = (rest / 1000) | 0;
    // Few pieces: each is a node of the rope that must be flattened into the part.
    return `${toMinute}${SECONDS[second]}${ends[rest - second * 1000]}${era}`;
  };
}
