import { type ClosedFile, ClosedGenerations } from './closed-generations.ts';
import type { FrozenGeneration } from './generation-rows.ts';

/** Freezes generations whose files are complete in S3, and hands these to the imports. */
export class Freezer extends ClosedGenerations {
  protected async bring(generation: FrozenGeneration, files: readonly ClosedFile[]): Promise<void> {
    await this.task.ledger.frozen(generation);
    for (const { row } of files) this.reportFrozen(row);
    this.imports.add(files.map((file) => this.importFile(file)));
  }
}
