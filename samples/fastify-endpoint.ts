// An endpoint that takes lines of JSON as they arrive, however many, and answers when all of them are safe. A client that
// goes away ends its own request and no other.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import fastify from 'fastify';
import pg from 'pg';
import { BulkProcessor, RelytError } from 'relyt-sdk';

interface Reading {
  readonly sensor: number;
  readonly value: number;
}

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table reading (sensor int, value float8)');

// One for all requests: what they send is imported together.
const processor = await BulkProcessor.create<Reading>({
  postgresql: { connectionString, table: 'reading' },
  maxErrorRecords: 1_000,
});

/** A line that is not JSON is kept as rejected. A body that breaks off ends this request: as a source that failed it would end the task. */
async function* readings(body: Readable, gone: AbortController): AsyncGenerator<Reading> {
  try {
    for await (const line of createInterface({ input: body })) {
      const reading = parsed(line);
      if (reading !== undefined) yield reading;
      else if (line !== '')
        processor.reject(new RelytError('RECORD_INVALID', 'The line is not JSON.'), line);
    }
  } catch (error) {
    gone.abort(error);
    throw error;
  }
}

function parsed(line: string): Reading | undefined {
  try {
    return JSON.parse(line) as Reading;
  } catch {
    return undefined;
  }
}

const app = fastify();
app.addContentTypeParser('application/x-ndjson', (_request, body, done) => done(null, body));
app.post('/readings', async ({ raw, body }, reply) => {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.complete) gone.abort(new Error('the client has gone'));
  });
  try {
    const records = readings(body as Readable, gone);
    await processor.insert(records, { signal: gone.signal });
    await processor.flush();
    return { ok: true };
  } catch (error) {
    if (!RelytError.is(error)) throw error;
    return reply.code(error.retry === 'auto' ? 503 : 500).send(error);
  }
});

const address = await app.listen({ host: '127.0.0.1', port: 0 });
const lines = Array.from({ length: 500 }, (_, sensor) => `{"sensor":${sensor},"value":0.5}\n`);
const post = (body: string) =>
  fetch(`${address}/readings`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  });
const answers = await Promise.all([post(lines.join('')), post(`no JSON\n${lines.join('')}`)]);
assert.deepEqual(await Promise.all(answers.map((answer) => answer.json())), [
  { ok: true },
  { ok: true },
]);

const { rows } = await database.query('select count(*)::int as count from reading');
assert.deepEqual(rows, [{ count: 1_000 }]);

// A client that goes away in the midst of its body.
const leaving = request(`${address}/readings`, {
  method: 'POST',
  headers: { 'content-type': 'application/x-ndjson' },
});
leaving.on('error', () => {});
leaving.write(lines.join(''), () => leaving.destroy());
await new Promise((resolve) => leaving.once('close', resolve));

await app.close();
await processor.shutdown();
assert.equal(processor.progress().rejected, 1);
await database.end();
