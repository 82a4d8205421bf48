import { describe, expect, test } from 'vitest';
import { hasTheSameForm, readsTheSame } from '../../../src/core/staged-type.ts';

describe('text staged for a column whose type was changed (G4)', () => {
  test.each([
    ['integer', 'integer'],
    ['integer', 'bigint'],
    ['bigint', 'numeric(20,0)'],
    ['numeric(10,2)', 'numeric(12,4)'],
    ['character varying(20)', 'text'],
    ['text', 'character(5)'],
    ['json', 'jsonb'],
    ['timestamp(3) without time zone', 'timestamp without time zone'],
    ['integer[]', 'bigint[]'],
    ['character varying(3)[]', 'text[]'],
    ['app.mood', 'app.mood'],
  ])('reads the same, or is refused: %s, now %s', (was, now) => {
    expect(readsTheSame(was, now)).toBe(true);
    expect(readsTheSame(now, was)).toBe(true);
  });

  test.each([
    ['timestamp without time zone', 'timestamp with time zone'],
    ['timestamp(3) without time zone', 'timestamp(3) with time zone'],
    ['date', 'timestamp without time zone'],
    ['bytea', 'text'],
    ['text', 'json'],
    ['integer', 'text'],
    ['boolean', 'integer'],
    ['integer', 'integer[]'],
    ['text', 'text[]'],
    ['app.mood', 'text'],
    ['app.mood', 'other.mood'],
  ])('may become something else: %s, now %s', (was, now) => {
    expect(readsTheSame(was, now)).toBe(false);
    expect(readsTheSame(now, was)).toBe(false);
  });
});

describe('a binary form staged for a column whose type was changed (G4)', () => {
  test.each([
    ['integer', 'integer'],
    ['numeric(10,2)', 'numeric(12,4)'],
    ['character varying(20)', 'text'],
    ['text', 'character(5)'],
    ['timestamp(3) without time zone', 'timestamp without time zone'],
    ['character varying(3)[]', 'character varying(5)[]'],
  ])('is that of %s as well as of %s', (was, now) => {
    expect(hasTheSameForm(was, now)).toBe(true);
    expect(hasTheSameForm(now, was)).toBe(true);
  });

  test.each([
    ['integer', 'real'],
    ['bigint', 'double precision'],
    ['integer', 'bigint'],
    ['json', 'jsonb'],
    ['character varying(3)[]', 'text[]'],
    ['timestamp without time zone', 'timestamp with time zone'],
  ])('of %s is not one of %s', (was, now) => {
    expect(hasTheSameForm(was, now)).toBe(false);
    expect(hasTheSameForm(now, was)).toBe(false);
  });
});
