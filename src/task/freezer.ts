import { WatchedStep } from '../diagnostics/watched-step.ts';
import { type ClosedFile, ClosedGenerations } from './closed-generations.ts';
import type { FrozenGeneration } from './generation-rows.ts';
import { targetName } from './plan-load.ts';

/** Freezes generations whose files are complete in S3, and hands these to the imports. */
export class Freezer extends ClosedGenerations {
  protected async bring(generation: FrozenGeneration, files: readonly ClosedFile[]): Promise<void> {
    const { plan, ledger } = this.task;
    const message = () => ({
      processId: plan.processId,
      table: targetName(plan),
      fileIds: files.map(({ row }) => row.fileId),
      records: files.reduce((sum, { row }) => sum + row.records, 0),
    });
    await WatchedStep.of('relyt:freeze', message, () => ledger.frozen(generation));
    for (const { row } of files) this.reportFrozen(row);
    this.imports.add(files.map((file) => this.importFile(file)));
  }
}
