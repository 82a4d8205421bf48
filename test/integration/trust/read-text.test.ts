// G4 through a resume: text that names no zone or currency, or a zone by an abbreviation, means the same in every file
// of a task, whichever role imports it. It is read as COPY would have read it for the role that began the task.

import { expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { EngineName } from '../../../src/engines/profiles.ts';
import { failAt } from '../../support/fail-at.ts';
import { createLoaderRole, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const makeTarget = targetsOn(defaultServer());
const ENGINES: readonly EngineName[] = ['postgres', 'copy', 'direct'];
const record = (id: number) => ({
  ...{ id, at: '2024-01-01 10:00', price: '1234.50' },
  abbreviated: '2024-01-01 10:00 EST',
});

test.each(ENGINES)('a time without a zone or with a short one, and money: %s', async (engine) => {
  const target = await makeTarget('id int, at timestamptz, price money, abbreviated timestamptz');
  const { database } = target;
  const { name, url } = await createLoaderRole(target);
  const [locale] = await database.query<{ name: string }>(
    `select collname as name from pg_collation where collname ~ '^de_DE' and collprovider = 'c' limit 1`,
  );
  await database.query(`alter role ${name} set timezone = 'Asia/Kolkata'`);
  // There, EST is ten hours ahead; elsewhere it is five behind.
  await database.query(`alter role ${name} set timezone_abbreviations = 'Australia'`);
  if (locale !== undefined)
    await database.query(`alter role ${name} set lc_monetary = '${locale.name}'`);
  await database.query(`grant select, insert, update on ${target.sql} to ${name}`);
  const options = { engine, url, batchSize: 5 };
  const given = (from: number) => Array.from({ length: 10 }, (_, n) => record(from + n));
  const disarm = failAt('before-commit');
  await using first = await BulkProcessor.create(target.config(options));
  const inserted = first.insert(given(0), { position: 10 }).then(() => first.shutdown());
  await expect(inserted).rejects.toMatchObject({ code: 'INTERNAL' });
  disarm();
  // The superuser has the zone of the server.
  const { url: _, ...rest } = options;
  await using again = await BulkProcessor.resume(first.processId, target.config(rest));
  if (again.position === undefined) await again.insert(given(0), { position: 10 });
  await again.insert(given(10), { position: 20 });
  await again.shutdown();
  expect(
    await target.rows(
      `count(*)::int as n, min(at) = '2024-01-01 10:00+05:30' and max(at) = min(at) as "sameTime",
       min(abbreviated) = '2024-01-01 10:00+10' and max(abbreviated) = min(abbreviated) as "sameZone",
       count(distinct price)::int as prices`,
    ),
  ).toEqual([{ n: 20, sameTime: true, sameZone: true, prices: 1 }]);
});
