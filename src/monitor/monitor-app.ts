import { Hono } from 'hono';
import { addDatabaseRoutes } from './database-routes.ts';
import { addGate, type Gate } from './gate.ts';
import { METRICS_TYPE, metricsText } from './metrics-text.ts';
import type { MonitoredDatabase } from './monitored-database.ts';
import type { PageFile } from './page-files.ts';
import { refusalOf } from './refusal.ts';
import { addRejectRoutes } from './reject-routes.ts';
import { readMetrics } from './task-metrics.ts';
import { addTaskRoutes } from './task-routes.ts';

export interface MonitorParts extends Omit<Gate, 'loginPage'> {
  readonly database: MonitoredDatabase;
  readonly files: ReadonlyMap<string, PageFile>;
}

/** Answers requests. */
export type MonitorApp = (request: Request) => Response | Promise<Response>;

/** All routes of the monitor, behind its gate. */
export function monitorApp({ database, files, host, token }: MonitorParts): MonitorApp {
  const app = new Hono();
  const loginPage = fileOf(files, 'login.html');
  addGate(app, { host, token, loginPage });
  addPage(app, files);
  addTaskRoutes(app, database);
  addRejectRoutes(app, database);
  addDatabaseRoutes(app, database);
  addMachineRoutes(app, database);
  app.notFound((context) => context.json({ ok: false, message: 'There is nothing here.' }, 404));
  app.onError((error, context) => {
    const { refusal, status } = refusalOf(error);
    return context.json(refusal, status);
  });
  return app.fetch;
}

function addPage(app: Hono, files: ReadonlyMap<string, PageFile>): void {
  const paths = { '/': 'index.html', '/page.css': 'page.css', '/page.js': 'page.js' };
  for (const [path, name] of Object.entries(paths)) {
    const { text, type } = fileOf(files, name);
    app.get(path, (context) => context.body(text, 200, { 'Content-Type': type }));
  }
}

function fileOf(files: ReadonlyMap<string, PageFile>, name: string): PageFile {
  return files.get(name) ?? { text: '', type: 'text/plain' };
}

/** For programs that watch the monitor, and what it shows. */
function addMachineRoutes(app: Hono, database: MonitoredDatabase): void {
  app.get('/metrics', async (context) => {
    const metrics = await database.ask('metrics', 'read the metrics', readMetrics);
    return context.body(metricsText(metrics), 200, { 'Content-Type': METRICS_TYPE });
  });
  app.get('/healthz', async (context) => {
    const answer = { name: 'answer', text: 'select 1 as answer' };
    const asked = database.ask('health', 'ask the database', (reader) => reader.query(answer));
    const ok = await asked.then(
      () => true,
      () => false,
    );
    // It needs no token, so it returns nothing else.
    return context.json({ ok, database: ok ? 'reachable' : 'unreachable' }, ok ? 200 : 503);
  });
}
