// Questions that are asked at once share a transaction, and each caller gets its own answer or error.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import type { StatementAnswer } from '../../../src/database/session.ts';
import { SharedReads } from '../../../src/database/shared-reads.ts';
import type { Statement } from '../../../src/database/statement.ts';

const ask = (text: string): Statement => ({ name: text, text });

/** A database that knows its name of every statement, refuses `bad` ones, and loses its connection over `broken` ones. */
class Asked {
  readonly trips: string[][] = [];

  async atOnce(statements: readonly Statement[]): Promise<readonly StatementAnswer[]> {
    this.trips.push(statements.map(({ text }) => text));
    for (const { text } of statements) {
      if (text.startsWith('bad')) throw refused(text);
      if (text.startsWith('broken')) throw new Error('Connection terminated unexpectedly');
    }
    return statements.map(({ text }) => ({ rows: [{ text }], rowCount: 1 }));
  }
}

function refused(text: string): pg.DatabaseError {
  const error = new pg.DatabaseError(`refused: ${text}`, 1, 'error');
  error.code = '42501';
  return error;
}

describe('shared reads', () => {
  test('go together where there is no waiting in between, and each gets its own answer', async () => {
    const database = new Asked();
    const reads = new SharedReads(database);
    const chain = async (first: string, second: string) => {
      const [one] = await reads.query<{ text: string }>(ask(first));
      const [two] = await reads.query<{ text: string }>(ask(second));
      return [one?.text, two?.text];
    };
    expect(await Promise.all([chain('a', 'b'), chain('c', 'd'), chain('e', 'f')])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ]);
    expect(database.trips).toEqual([
      ['a', 'c', 'e'],
      ['b', 'd', 'f'],
    ]);
  });

  test('one that is refused spoils no other', async () => {
    const database = new Asked();
    const reads = new SharedReads(database);
    const outcomes = await Promise.allSettled(
      ['a', 'bad one', 'b', 'bad two'].map((text) => reads.query(ask(text))),
    );
    expect(
      outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason),
      ),
    ).toEqual([
      [{ text: 'a' }],
      'error: refused: bad one',
      [{ text: 'b' }],
      'error: refused: bad two',
    ]);
  });

  test('a connection that breaks is the answer to all of them', async () => {
    const database = new Asked();
    const reads = new SharedReads(database);
    const outcomes = await Promise.allSettled(
      ['a', 'broken'].map((text) => reads.query(ask(text))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(database.trips).toHaveLength(1);
  });
});
