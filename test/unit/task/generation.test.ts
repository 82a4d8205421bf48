// G1: what an import reads as one folder is one folder, whenever its files were begun.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { Generation } from '../../../src/task/generation.ts';

const LIMITS = { maxRecords: 10, maxBytes: 1000, filesPerLane: 1 };

afterEach(() => vi.useRealTimers());

describe('the day in the keys of a generation (G1)', () => {
  it('is that of its first file, also after midnight (UTC)', () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 23, 59, 59) });
    const generation = new Generation(1, LIMITS);
    const first = generation.day;
    vi.setSystemTime(Date.UTC(2026, 10, 23, 0, 0, 1));

    expect([first, generation.day]).toEqual(['2026-11-22', '2026-11-22']);
  });

  it('is not that of the moment in which the generation before it was closed', () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 12) });
    const generation = new Generation(2, LIMITS);
    vi.setSystemTime(Date.UTC(2026, 10, 25, 12));

    expect(generation.day).toBe('2026-11-25');
  });
});
