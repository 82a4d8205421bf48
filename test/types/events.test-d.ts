/** Checked by the compiler alone: what events carry, and that their names and those of errors are closed. */

import {
  type BulkProcessor,
  type ErrorCode,
  type EventListener,
  RelytError,
  type RelytErrorJson,
  type Retry,
} from 'relyt-sdk';

export function listeners(processor: BulkProcessor): BulkProcessor {
  const imported: EventListener<'imported'> = ({ counts }) => counts.inserted;
  return processor
    .on('imported', imported)
    .off('imported', imported)
    .once('failed', (error) => error.retry satisfies Retry)
    .on('progress', async ({ received, rows }) => void (received + rows.inserted))
    .on('warning', ({ code }) => code satisfies ErrorCode);
}

export async function loops(processor: BulkProcessor): Promise<void> {
  for await (const { fileId, records } of processor.events('fileFrozen'))
    [fileId satisfies string, records satisfies number];
  for await (const { error } of processor.events('recordRejected')) error.code satisfies ErrorCode;
  // @ts-expect-error an import has no records of its own
  for await (const { records } of processor.events('imported')) records satisfies unknown;
}

export function misspelled(processor: BulkProcessor): void {
  // @ts-expect-error there is no such event
  processor.on('import', () => undefined);
  // @ts-expect-error there is no such event
  processor.once('fail', () => undefined);
  // @ts-expect-error there is no such event
  processor.off('progres', () => undefined);
  // @ts-expect-error there is no such event
  processor.events('rejected');
  // @ts-expect-error progress has no such count
  processor.on('progress', ({ recieved }) => recieved);
}

export function errors(error: unknown): RelytErrorJson | undefined {
  if (!RelytError.is(error)) return undefined;
  // @ts-expect-error there is no such code
  if (error.code === 'CONFIG_INVALD') return undefined;
  // @ts-expect-error there is no such way
  if (error.retry === 'sometimes') return undefined;
  return error.toJSON();
}
