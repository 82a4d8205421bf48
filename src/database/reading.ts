import { RelytError } from '../errors.ts';
import type { Reader } from './session.ts';
import { type ReadingSettings, readingSettings } from './statements/reading.ts';

/** How the database reads text for this role now. */
export async function readReading(session: Reader): Promise<ReadingSettings> {
  const [reading] = await session.query<ReadingSettings>(readingSettings());
  if (reading === undefined) throw new RelytError('INTERNAL', 'The server has no settings.');
  return reading;
}
