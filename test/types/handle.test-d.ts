/** Checked by the compiler alone: what a handle accepts and gives, and which clients of S3 fit. */

import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { BulkProcessor, Connected, LoadConfig, S3Config } from 'relyt-sdk';

declare const relyt: Connected;

interface Event {
  readonly id: number;
  readonly name: string;
}

export async function resumed(): Promise<BulkProcessor<Event, number>> {
  await relyt.resume('id');
  await relyt.resume<Event>('id', { conflictColumns: ['id'], batchSize: 10 });
  await relyt.resume<Event>('id', { columns: { event_id: 'id' }, conflictColumns: ['event_id'] });
  // @ts-expect-error no such property
  await relyt.resume<Event>('id', { columns: ['ids'] });
  // @ts-expect-error the connection is the one of the handle
  await relyt.resume('id', { postgresql: { table: 't' } });
  // @ts-expect-error no such setting may be changed
  await relyt.resume('id', {}, { allowChanges: ['batchSize'] });
  const processor = await relyt.resume<Event, number>('id');
  const position: number | undefined = processor.position;
  await processor.insert([{ id: 1, name: 'x' }], { position: position ?? 0 });
  // @ts-expect-error no event
  await processor.insert([{ id: '1' }]);
  return processor;
}

export async function asked(): Promise<void> {
  await relyt.prepare({
    roles: ['loader'],
    s3: { bucket: 'b' },
    routing: { tables: ['public.t'] },
  });
  // @ts-expect-error misspelt
  await relyt.prepare({ role: 'loader' });
  // @ts-expect-error temporary keys are not stored
  await relyt.prepare({ s3: { sessionToken: 'x' } });
  // @ts-expect-error a port is a number
  await relyt.monitor({ port: '8642' });
  for await (const { kind, text } of relyt.rejectedLines('id', { format: 'csv' })) {
    // @ts-expect-error a lost record has no text
    const always: string = text;
    if (kind !== 'lost') void (text satisfies string);
    void always;
  }
  // @ts-expect-error no such format
  void relyt.rejectedLines('id', { format: 'xml' });
}

declare const clientConfig: S3ClientConfig;

export const CLIENTS: readonly S3Config[] = [
  { client: new S3Client({}) },
  { client: clientConfig },
  { client: { region: 'eu-central-1', maxAttempts: 2 } },
  // @ts-expect-error misspelt
  { client: { regoin: 'eu-central-1' } },
  // @ts-expect-error neither
  { client: 'https://s3.example.com' },
];

export const CONFIG: LoadConfig = {
  postgresql: { table: 'events' },
  s3: { client: new S3Client({}), bucket: 'b' },
};
