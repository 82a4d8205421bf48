import { describe, expect, it } from 'vitest';
import { type CsvDialectOptions, csvDialect } from '../../../src/input/csv-dialect.ts';
import { failure } from './read-all.ts';

describe('the CSV dialect', () => {
  it('is that of COPY by default; the escape follows the quote', () => {
    expect(csvDialect()).toEqual({ delimiter: ',', quote: '"', escape: '"', nullText: '' });
    expect(csvDialect({ quote: "'" }).escape).toBe("'");
    expect(csvDialect({ escape: '\\' }).quote).toBe('"');
  });

  it.each<[CsvDialectOptions, string]>([
    [{ delimiter: '' }, 'delimiter'],
    [{ delimiter: ';;' }, 'delimiter'],
    [{ delimiter: '\n' }, 'delimiter'],
    [{ delimiter: '§' }, 'delimiter'],
    [{ quote: '\r' }, 'quote'],
    [{ quote: '“' }, 'quote'],
    [{ escape: 'ab' }, 'escape'],
    [{ delimiter: '"' }, 'same character'],
    [{ nullText: 'a,b' }, 'null text'],
    [{ nullText: '"' }, 'null text'],
    [{ nullText: '\n' }, 'null text'],
  ])('refuses %j as COPY does', async (options, problem) => {
    const error = await failure(Promise.resolve().then(() => csvDialect(options)));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(problem);
  });
});
