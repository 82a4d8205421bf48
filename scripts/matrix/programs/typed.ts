// What TypeScript makes of the package.

import { BulkProcessor, type BulkProcessorConfig, RelytError } from 'relyt-sdk';

export async function load(records: AsyncIterable<object>): Promise<number> {
  const config: BulkProcessorConfig = { postgresql: { table: 'events' } };
  const processor: BulkProcessor = await BulkProcessor.create(config);
  try {
    await processor.insert(records);
    await processor.shutdown();
    return processor.progress().imported;
  } catch (error) {
    if (error instanceof RelytError) console.error(error.code, error.hint);
    throw error;
  }
}

// @ts-expect-error: what is no setting does not compile, so the types are there.
export const wrong: BulkProcessorConfig = { postgresql: { tabel: 'events' } };

interface Event {
  readonly id: number;
  readonly at: Date;
}

export async function loadTyped(events: readonly Event[]): Promise<number | undefined> {
  const processor = await BulkProcessor.create<Event, number>({
    postgresql: { table: 'events' },
    columns: ['id', 'at'],
    conflictColumns: ['id'],
  });
  await processor.insert(events, { position: events.length });
  // @ts-expect-error: an id is a number.
  await processor.insert([{ id: 'x', at: new Date() }]);
  return processor.position;
}

export const misnamed: BulkProcessorConfig<Event> = {
  postgresql: { table: 'events' },
  // @ts-expect-error: no record has such a property.
  columns: ['ids'],
};
