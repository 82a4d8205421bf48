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
