import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codec, refusalOf } from '../target-fixture.ts';

describe('timestamps from a Date (G4)', () => {
  it.each([
    ['2024-02-29T13:45:00.007Z', '2024-02-29 13:45:00.007'],
    ['+010000-01-01T00:00:00.000Z', '10000-01-01 00:00:00.000'],
    ['+275760-09-13T00:00:00.000Z', '275760-09-13 00:00:00.000'],
    ['0001-01-01T00:00:00.000Z', '0001-01-01 00:00:00.000'],
    ['0000-12-31T23:59:59.999Z', '0001-12-31 23:59:59.999 BC'],
    ['-000043-03-15T12:00:00.000Z', '0044-03-15 12:00:00.000 BC'],
    ['-004713-11-24T00:00:00.000Z', '4714-11-24 00:00:00.000 BC'],
  ])('writes %s in UTC', (iso, text) => {
    expect(codec('timestamp').encode(new Date(iso))).toBe(text);
    const zoned = text.endsWith(' BC') ? `${text.slice(0, -3)}Z BC` : `${text}Z`;
    expect(codec('timestamptz').encode(new Date(iso))).toBe(zoned);
  });

  it('writes what toISOString writes, whatever order the days come in', () => {
    const timestamptz = codec('timestamptz');
    const dates = fc.date({
      min: new Date('0001-01-01T00:00:00.000Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fc.array(dates, { minLength: 1 }), (many) => {
        for (const date of many) {
          expect(timestamptz.encode(date)).toBe(date.toISOString().replace('T', ' '));
        }
      }),
    );
  });

  it('knows a Date of another realm', () => {
    expect(codec('timestamptz').encode(runInNewContext('new Date(0)'))).toBe(
      '1970-01-01 00:00:00.000Z',
    );
  });

  it('refuses an invalid Date, a number, and what PostgreSQL has no day for', () => {
    const timestamptz = codec('timestamptz');
    expect(refusalOf(timestamptz, new Date('nonsense')).kind).toBe('invalid Date');
    expect(refusalOf(timestamptz, new Date('-004713-11-23T23:59:59.999Z')).message).toMatch(/4714/);
    expect(refusalOf(timestamptz, Date.UTC(2024, 1, 1)).hint).toMatch(/new Date\(ms\)/);
  });
});

describe('dates, times and intervals', () => {
  it('takes a Date at midnight UTC and refuses to lose a time of day (G4)', () => {
    expect(codec('date').encode(new Date('2024-02-29'))).toBe('2024-02-29');
    expect(codec('date').encode(new Date('-000043-03-15'))).toBe('0044-03-15 BC');
    expect(refusalOf(codec('date'), new Date('2024-02-29T00:00:00.001Z')).message).toMatch(
      /time of day/,
    );
  });

  it.each([
    ['date', 'infinity'],
    ['date', 'today'],
    ['date', '29.02.2024'],
    ['timestamptz', '2024-02-29 13:45:00.123456+02'],
    ['timestamp', '-infinity'],
    ['time', '24:00:00'],
    ['time', 'allballs'],
    ['timetz', '13:45:00.123456+02'],
    ['interval', '1 day 02:30'],
    ['interval', 'PT2H'],
    ['interval', '-infinity'],
  ])('%s passes %s on', (type, text) => {
    expect(codec(type).encode(text)).toBe(text);
  });

  it.each([
    ['date', ''],
    ['date', 'soon'],
    ['timestamptz', ' '],
    ['timestamp', 'n/a'],
    ['time', new Date(0)],
    ['timetz', 5],
    ['interval', 5],
    ['interval', ''],
    ['interval', { days: 1 }],
  ])('%s refuses %o with a hint (G8)', (type, value) => {
    expect(refusalOf(codec(type), value).hint).toMatch(/Pass/);
  });
});
