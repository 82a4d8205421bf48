import { ReadableStream, TextEncoderStream } from 'node:stream/web';
import type { Context, Hono } from 'hono';
import type { RejectFilter } from '../database/statements/rejected-records.ts';
import type { MonitoredDatabase } from './monitored-database.ts';
import {
  exportedLines,
  readRejectedPage,
  readRejectKinds,
  requireTask,
} from './rejected-entries.ts';

const DOING = 'read the rejected records';

export function addRejectRoutes(app: Hono, database: MonitoredDatabase): void {
  app.get('/api/tasks/:id/rejects', async (context) => {
    const id = context.req.param('id');
    const filter = { ...filterOf(context), after: Number(context.req.query('after') || 0) || 0 };
    const question = JSON.stringify(['rejects', id, filter]);
    return context.json(
      await database.ask(question, DOING, (reader) => readRejectedPage(reader, id, filter)),
    );
  });
  app.get('/api/tasks/:id/reject-kinds', async (context) => {
    const id = context.req.param('id');
    const question = JSON.stringify(['reject-kinds', id]);
    const kinds = await database.ask(question, DOING, (reader) => readRejectKinds(reader, id));
    return context.json({ kinds });
  });
  app.get('/api/tasks/:id/rejects.ndjson', async (context) => {
    const id = context.req.param('id');
    await database.askAnew(DOING, (reader) => requireTask(reader, id));
    const lines = exportedLines(database.reader, id, filterOf(context));
    // A failure in the middle breaks the connection: the head of the answer is sent already, and reports success.
    const body = ReadableStream.from(lines).pipeThrough(new TextEncoderStream());
    return context.body(body as ReadableStream, 200, EXPORTED);
  });
}

const EXPORTED = {
  'Content-Type': 'application/x-ndjson; charset=utf-8',
  'Content-Disposition': 'attachment; filename="rejected.ndjson"',
};

/** A parameter without a value does not filter. */
function filterOf(context: Context): RejectFilter {
  const { code, column, text } = context.req.query();
  return { code: code || undefined, column: column || undefined, text: text || undefined };
}
