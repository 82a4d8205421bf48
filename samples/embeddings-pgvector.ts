// Embeddings into pgvector. The table is loaded first and indexed afterwards: pgvector builds an HNSW index in one go faster
// than row by row.
import assert from 'node:assert/strict';
import pg from 'pg';
import { BulkProcessor } from 'relyt-sdk';

const DIMENSIONS = 384;

interface Passage {
  readonly id: number;
  readonly content: string;
  /** An array of numbers or a typed array: what the client of a model gives. */
  readonly embedding: readonly number[] | Float32Array;
}

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create extension if not exists vector');
await database.query(
  `create table passage (id bigint primary key, content text not null, embedding vector(${DIMENSIONS}) not null)`,
);

/** Your model, which answers with arrays; these point into the direction that the id decides. */
function embed(id: number): number[] {
  return Array.from({ length: DIMENSIONS }, (_, axis) => Math.sin(id * (axis + 1)));
}

async function* passages(): AsyncGenerator<Passage> {
  for (let id = 0; id < 2_000; id++) {
    const embedding = id % 2 === 0 ? embed(id) : Float32Array.from(embed(id));
    yield { id, content: `passage ${id}`, embedding };
  }
}

await using processor = await BulkProcessor.create<Passage>({
  postgresql: { connectionString, table: 'passage' },
  onConflict: 'update',
});
await processor.insert(passages());
await processor.shutdown();
assert.equal(processor.progress().imported, 2_000);

// The memory holds the index while it is built: without enough, building takes many times longer.
await database.query(`set maintenance_work_mem = '64MB'`);
await database.query('create index on passage using hnsw (embedding vector_cosine_ops)');
await database.query('analyze passage');

const nearest = await database.query<{ id: string; stored: string }>(
  `select id, embedding::text as stored from passage order by embedding <=> $1 limit 1`,
  [JSON.stringify(embed(1_234))],
);
assert.equal(nearest.rows[0]?.id, '1234');
// pgvector keeps single precision; what it gives back is what was sent, rounded to it.
assert.deepEqual(
  Float32Array.from(JSON.parse(nearest.rows[0].stored) as number[]),
  Float32Array.from(embed(1_234)),
);

await database.end();
