// A task that is resumed with another onConflict: what waits for its import was taken for the old one (G3).

import { expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { ResumeOptions } from '../../../src/task/claim-task.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failAt } from '../../support/fail-at.ts';
import { failureOf, generate } from '../../support/loading.ts';

const ERROR = { onConflict: 'error' } as const;
const row = (n: number) => ({ id: n, v: `value ${n}` });

describeEngines(
  'a resume with another onConflict',
  ({ makeTarget }) => {
    test('G3, G8: frozen files are not imported with another onConflict, but as the hint says', async () => {
      const target = await makeTarget('id int primary key, v text');
      await using first = await target.open({ ...ERROR, batchSize: 5 });
      // At its first import, with its files frozen.
      failAt('files-taken');
      await first.insert(generate(10, row)).catch(() => undefined);
      await expect(first.shutdown()).rejects.toMatchObject({ code: 'INTERNAL' });
      const { processId } = first;
      const update = target.config({ batchSize: 5, onConflict: 'update' });
      const allowed: ResumeOptions = { allowChanges: ['onConflict'] };
      const failure = await failureOf(BulkProcessor.resume(processId, update, allowed));
      expect(failure).toMatchObject({
        code: 'RESUME_REFUSED',
        message: expect.stringMatching(/onConflict 'error'.*'update'/),
        hint: expect.stringMatching(/onConflict 'error'.*suspend\(\).*relyt abort/),
      });
      expect(await target.count()).toBe(0);

      await using old = await BulkProcessor.resume(
        processId,
        target.config({ ...ERROR, batchSize: 5 }),
      );
      await old.suspend('the next resume changes onConflict');
      const imported = await target.count();
      expect(imported).toBeGreaterThan(0);
      await using next = await BulkProcessor.resume(processId, update, allowed);
      await next.insert(generate(10, row));
      await next.shutdown();
      expect(await target.rows()).toEqual(Array.from(generate(10, row)));
    });
  },
  { oneServer: true, inS3: true },
);
