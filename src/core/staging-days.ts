const DAY_MS = 86_400_000;
/** Of a task that was left alone for longer only the first and the newest days are looked at; `gc` finds the rest. */
const MOST_DAYS = 400;

/**
 * The UTC days, yyyy-mm-dd, in whose folders a task may have staged files: every day since it was created. One more at
 * either end, because the clocks of the database, which dates the task, and of the loaders may differ.
 */
export function stagingDays(createdDay: string, today: string): readonly string[] {
  const first = dayNumber(createdDay) - 1;
  const last = Math.max(dayNumber(today), first + 1) + 1;
  const all = Array.from({ length: Math.min(last - first + 1, MOST_DAYS) }, (_, n) => last - n);
  const oldest = [first, first + 1].filter((day) => !all.includes(day));
  return [...oldest, ...all.reverse()].map(dayOf);
}

function dayNumber(day: string): number {
  return Math.floor(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

function dayOf(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}
