/** Numbers in a form for people. */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function shownCount(value: number | null): string {
  return value === null ? '–' : WHOLE.format(value);
}

export function shownRate(recordsPerSecond: number): string {
  if (recordsPerSecond === 0) return '–';
  return `${recordsPerSecond < 10 ? recordsPerSecond.toFixed(1) : SHORT.format(recordsPerSecond)}/s`;
}

/** The two largest units: `2 h 5 min`. */
export function shownSeconds(seconds: number | null): string {
  if (seconds === null) return '–';
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** In UTC, as the commands and the log say it: `2026-12-01T13:43:30Z`. */
export function shownTime(iso: string | null): string {
  return iso === null ? '–' : `${new Date(iso).toISOString().slice(0, 19)}Z`;
}
