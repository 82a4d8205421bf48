/** A staged file as far as its object goes. */
export interface PendingFile {
  readonly fileId: number;
  readonly key: string;
}

/** Files created and not yet imported, in order of creation: what flush() waits for. */
export class PendingFiles {
  readonly #keys = new Map<number, string>();

  add(file: PendingFile): void {
    this.#keys.set(file.fileId, file.key);
  }

  imported(files: readonly PendingFile[]): void {
    for (const file of files) this.#keys.delete(file.fileId);
  }

  /** None left of the files up to this one. */
  importedUpTo(fileId: number): boolean {
    for (const pending of this.#keys.keys()) return pending > fileId;
    return true;
  }

  get size(): number {
    return this.#keys.size;
  }

  get ids(): number[] {
    return [...this.#keys.keys()];
  }

  get keys(): string[] {
    return [...this.#keys.values()];
  }
}
