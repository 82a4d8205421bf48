import type { Hono } from 'hono';
import { readDatabaseFindings } from './database-findings.ts';
import type { MonitoredDatabase } from './monitored-database.ts';
import { readRoutingViews } from './routing-view.ts';

export function addDatabaseRoutes(app: Hono, database: MonitoredDatabase): void {
  app.get('/api/routing', async (context) => {
    const tables = await database.ask('routing', 'read how tables are routed', readRoutingViews);
    return context.json({ tables });
  });
  app.get('/api/database', async (context) => {
    const findings = await database.ask('database', 'look at the database', readDatabaseFindings);
    return context.json(findings);
  });
}
