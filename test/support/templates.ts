/** Databases that have the schema relyt_sys, to be copied: a copy costs far less than an installation. */

import pg from 'pg';
import { POSTGRESQL } from '../../src/core/dialect.ts';
import { Database } from '../../src/database/database.ts';
import { installSchema } from '../../src/database/schema/install.ts';

/** The schema as the engine `postgres` has it, and as all others do. */
export type Prepared = 'postgres' | 'other';

/** The oldest version that the engine `postgres` is promised to work on. */
export const OLDEST_OF_POSTGRES = 13;

const TEMPLATES = { postgres: 'template_postgres', other: 'template_other' } as const;

/** What to copy on a server of this version. */
export function templateFor(prepared: Prepared, major: number): string {
  return TEMPLATES[major >= OLDEST_OF_POSTGRES ? prepared : 'other'];
}

/** Makes the templates of a new server. */
export async function makeTemplates(serverUrl: string, major: number): Promise<void> {
  const administrator = new pg.Client({ connectionString: serverUrl });
  await administrator.connect();
  try {
    for (const prepared of ['postgres', 'other'] as const) {
      const name = templateFor(prepared, major);
      if (name !== TEMPLATES[prepared]) continue;
      await administrator.query(`create database ${name} template template0`);
      await install(serverUrl, name, prepared === 'postgres' ? 'postgres' : 'copy');
      // Who is connected to a template keeps others from copying it.
      await administrator.query(`alter database ${name} is_template true allow_connections false`);
    }
  } finally {
    await administrator.end();
  }
}

async function install(serverUrl: string, name: string, engine: string): Promise<void> {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = new Database(
    { connectionString: url.href },
    { connections: 1, applicationName: 'relyt-test' },
  );
  try {
    await installSchema(database, { engine, dialect: POSTGRESQL });
  } finally {
    await database.close();
  }
}
