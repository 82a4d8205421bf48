import type { Reader } from '../session.ts';
import type { Statement } from '../statement.ts';

/** Which tables of tasks a database has. */
export interface Bookkeeping {
  /** What a database of the Go SDK has, too. */
  readonly checkpoint: boolean;
  readonly tasks: boolean;
  /** Of a newer version than tasks are. */
  readonly keys: boolean;
}

const bookkeepingInstalled = (): Statement => ({
  name: 'bookkeepingInstalled',
  text: `select pg_catalog.to_regclass('relyt_sys.relyt_loader_checkpoint') is not null as checkpoint,
       pg_catalog.to_regclass('relyt_sys.relyt_loader_task') is not null as tasks,
       pg_catalog.to_regclass('relyt_sys.relyt_loader_key') is not null as keys`,
});

export async function readBookkeeping(session: Reader): Promise<Bookkeeping> {
  const [found] = await session.query<Bookkeeping>(bookkeepingInstalled());
  return found ?? { checkpoint: false, tasks: false, keys: false };
}
