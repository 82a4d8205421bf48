// A consumer of a Kafka topic: every message once, although Kafka gives messages again after a crash. Each partition is a
// task of its own, found by a key; its position is the offset to go on from, and Kafka's own commits are not used.
import assert from 'node:assert/strict';
import pg from 'pg';
import { BulkProcessor } from 'relyt-sdk';

/** As much of a client of Kafka as is used: kafkajs and @confluentinc/kafka-javascript have it. */
interface Consumer {
  seek(place: { topic: string; partition: number; offset: string }): void;
  run(options: {
    eachBatchAutoResolve: boolean;
    eachBatch(payload: { batch: Batch; isRunning(): boolean }): Promise<void>;
  }): Promise<void>;
}

interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly { readonly offset: string; readonly value: Buffer | null }[];
}

/** What the records become rows of. */
interface Visit {
  readonly id: number;
  readonly page: string;
}

interface Position {
  readonly next: string;
}

const TOPIC = 'visits';

/** Loads a partition until the consumer stops; a later run goes on where this one was safe. */
async function loadPartition(consumer: Consumer, partition: number): Promise<void> {
  const opened = await BulkProcessor.open<Visit, Position>(`${TOPIC}/${partition}`, {
    postgresql: { connectionString: process.env.DATABASE_URL, table: 'visit' },
    // The topic keeps the messages, so no staged file has to: of a task without an end it would stay for good.
    engine: 'direct',
    fileWriteTimeoutSeconds: 1,
  });
  // A topic has no end, so its task is never complete.
  if (opened.state === 'complete') return;
  const { processor } = opened;
  // Offsets that this task has seen already are given again, and skipped.
  consumer.seek({ topic: TOPIC, partition, offset: processor.position?.next ?? '0' });
  await consumer.run({
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch }) => {
      const last = batch.messages.at(-1);
      if (last === undefined) return;
      const visits = batch.messages.map(({ value }) => JSON.parse(String(value)) as Visit);
      await processor.insert(visits, { position: { next: String(Number(last.offset) + 1) } });
    },
  });
  await processor.suspend('the consumer stops');
}

/** Stands in for the client of a broker: one partition in memory, which gives batches from the offset that was sought. */
class StandInConsumer implements Consumer {
  readonly #messages: readonly Visit[];
  readonly #batches: number;
  #next = 0;

  /** @param batches how many to give until the process "stops" */
  constructor(messages: readonly Visit[], batches: number) {
    this.#messages = messages;
    this.#batches = batches;
  }

  seek({ offset }: { readonly offset: string }): void {
    this.#next = Number(offset);
  }

  async run({ eachBatch }: Parameters<Consumer['run']>[0]): Promise<void> {
    for (let given = 0; given < this.#batches; given++) {
      const messages = this.#messages.slice(this.#next, this.#next + 100).map((visit, n) => ({
        offset: String(this.#next + n),
        value: Buffer.from(JSON.stringify(visit)),
      }));
      const batch = { topic: TOPIC, partition: 0, messages };
      await eachBatch({ batch, isRunning: () => true });
      this.#next += messages.length;
    }
  }
}

const database = new pg.Client({ connectionString: process.env.DATABASE_URL });
await database.connect();
await database.query('create table visit (id int, page text)'); // no key that would hide a duplicate

const visits = Array.from({ length: 1_000 }, (_, id) => ({ id, page: `/${id}` }));
await loadPartition(new StandInConsumer(visits, 4), 0);
await loadPartition(new StandInConsumer(visits, 6), 0);

const { rows } = await database.query(
  'select count(*)::int as count, count(distinct id)::int as ids from visit',
);
assert.deepEqual(rows, [{ count: 1_000, ids: 1_000 }]);
await database.end();
