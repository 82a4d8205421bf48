import { expect, test } from 'vitest';
import { storedReading } from '../../../src/task/stored-settings.ts';
import { READING } from '../records/target-fixture.ts';

test('G4: a task of an older version keeps the settings it stored; the others are those of now', () => {
  const { zoneAbbreviations: _, ...older } = READING;
  expect(storedReading({ reading: READING })).toEqual(READING);
  expect(storedReading({ reading: older })).toEqual(older);
  expect(storedReading({})).toEqual({});
});
