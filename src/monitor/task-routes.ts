import type { Hono } from 'hono';
import { TASK_STATES } from '../core/task-state.ts';
import { readTaskPage } from './listed-tasks.ts';
import type { MonitoredDatabase } from './monitored-database.ts';
import { readTaskView } from './task-view.ts';

export function addTaskRoutes(app: Hono, database: MonitoredDatabase): void {
  app.get('/api/tasks', async (context) => {
    const query = context.req.query();
    const status = TASK_STATES.find((state) => state === query.status);
    // A parameter without a value does not filter.
    const [table, after] = [query.table || undefined, query.after || undefined];
    const question = JSON.stringify(['tasks', status, table, after]);
    const page = await database.ask(question, 'list the tasks', (reader) =>
      readTaskPage(reader, { status, table, after }),
    );
    return context.json(page);
  });
  app.get('/api/tasks/:id', async (context) => {
    const id = context.req.param('id');
    const question = JSON.stringify(['task', id]);
    const view = await database.ask(question, `read the task ${id}`, (reader) =>
      readTaskView(reader, id),
    );
    return context.json(view);
  });
}
