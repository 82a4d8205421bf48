import { type FileStateEvent, fileTransition } from '../../src/core/file-state.ts';
import type { FoundStaged, KnownFile, RecoveryAction } from '../../src/core/recovery.ts';
import type { StagedBytes } from '../../src/core/staged-bytes.ts';

export interface ModelRow extends KnownFile {
  readonly generation: number;
  readonly lane: number;
  readonly records: number[];
}

interface ModelObject {
  readonly size: number;
  readonly etag?: string;
  readonly records: readonly number[];
}

/** Of an object of so many bytes, as the row of its file keeps them. */
export function bytesOf(size: number): StagedBytes {
  return { size, etag: '"staged"', crc32: 1 };
}

export type Step = () => void;

/** As far as it may go back. */
const MOST_COMMITS = 25;

/** What a database takes along when it goes back in time; S3 stays as it is. */
interface Database {
  readonly rows: ReadonlyMap<number, ModelRow>;
  readonly target: readonly number[];
  readonly frozenThrough: number;
  readonly frozenGeneration: number;
  readonly epoch: number;
}

/**
 * A load reduced to what a crash can leave behind: the rows, S3, and the target. Every step is one durable
 * change, so a crash is the end of a sequence of them; `steps` says which may come next.
 */
export class LoaderModel {
  readonly rows = new Map<number, ModelRow>();
  readonly objects = new Map<string, ModelObject>();
  readonly uploads = new Map<string, ModelRow>();
  readonly target: number[] = [];
  /** Ordinal up to which the records are the loader's to keep. */
  frozenThrough = 0;
  /** What was imported is gone from the target. */
  rowsLost = false;
  #epoch = 1;
  /** Of each process another one, whatever the database says of its epoch. */
  #tag = 1;
  #frozenGeneration = 0;
  /** The database after each commit. */
  readonly #commits: Database[] = [];
  #openGeneration = 1;
  #lastOrdinal = 0;
  #lastFileId = 0;
  #failed = false;

  steps(): Step[] {
    const rows = [...this.rows.values()];
    return [
      ...[0, 1].map((lane) => () => this.#write(lane)),
      ...(rows.some((row) => row.generation === this.#openGeneration)
        ? [() => void this.#openGeneration++]
        : []),
      ...rows.flatMap((row) => this.#stepsOfStaging(row)),
      ...this.#freezes(rows),
      ...rows.flatMap((row) => this.#stepsOfImport(row)),
      ...this.#fails(rows),
    ];
  }

  /** What a recovery finds in S3. */
  found(): FoundStaged {
    return {
      objects: [...this.objects].map(([key, { size, etag }]) => ({ key, size, etag })),
      uploads: [...this.uploads].map(([uploadId, { key }]) => ({ key, uploadId })),
    };
  }

  apply(action: RecoveryAction): void {
    if (action.do === 'abort-upload') this.uploads.delete(action.uploadId);
    else if (action.do === 'delete-object') this.objects.delete(action.key);
    else if (action.do === 'forget-file') this.rows.delete(action.fileId);
    else if (action.do === 'release') this.#event(action.fileId, 'release');
    else if (action.do === 'reopen') this.#event(action.fileId, 'lose');
    else if (action.do === 'report-changed' || action.do === 'report-lost')
      throw new Error(`nothing can be done about the lost file ${action.key}`);
    this.rowsLost &&= [...this.rows.values()].some(({ status }) => status === 'IMPORTED');
  }

  committed(): void {
    // A row is replaced when it changes; records are added to one only before it is frozen.
    const state = { rows: new Map(this.rows), target: [...this.target] };
    const numbers = { frozenGeneration: this.#frozenGeneration, epoch: this.#epoch };
    this.#commits.push({ ...state, ...numbers, frozenThrough: this.frozenThrough });
    if (this.#commits.length > MOST_COMMITS) this.#commits.shift();
  }

  /** The database is as it was so many commits ago. */
  goBack(commits: number): void {
    this.#commits.splice(Math.max(1, this.#commits.length - commits));
    const before = this.#commits.at(-1);
    if (before === undefined) return;
    this.rows.clear();
    for (const [fileId, row] of before.rows) this.rows.set(fileId, row);
    this.target.splice(0, this.target.length, ...before.target);
    this.frozenThrough = before.frozenThrough;
    this.#frozenGeneration = before.frozenGeneration;
    this.#epoch = before.epoch;
  }

  /** The target is dropped and made again, or emptied. */
  loseTable(): void {
    this.target.length = 0;
    this.rowsLost = [...this.rows.values()].some(({ status }) => status === 'IMPORTED');
  }

  /** A request of the dead process that was under way reaches S3 only now. */
  arriveLate(): void {
    for (const [uploadId, { key }] of this.uploads) {
      this.uploads.delete(uploadId);
      this.objects.set(key, { size: 1, records: [] });
    }
  }

  /** The next epoch goes on behind the last frozen record. */
  restart(): void {
    this.#epoch++;
    this.#tag++;
    this.#openGeneration = this.#frozenGeneration + 1;
    this.#lastOrdinal = this.frozenThrough;
    this.#lastFileId = Math.max(0, ...this.rows.keys());
    this.#failed = false;
  }

  importAll(): void {
    for (const { fileId, status } of [...this.rows.values()]) {
      if (status === 'FROZEN') {
        this.#event(fileId, 'take');
        this.#commit(fileId);
      }
    }
  }

  #write(lane: number): void {
    const generation = this.#openGeneration;
    const open = [...this.rows.values()].find(
      (row) => row.generation === generation && row.lane === lane,
    );
    const ordinal = ++this.#lastOrdinal;
    if (open !== undefined) {
      open.records.push(ordinal);
      return;
    }
    const fileId = ++this.#lastFileId;
    const key = `e${this.#epoch}-${this.#tag}/${fileId}`;
    const place = { fileId, key, generation, lane };
    const state = { status: 'CREATED', stored: bytesOf(0), wasFrozen: false } as const;
    this.rows.set(fileId, { ...place, ...state, records: [ordinal] });
  }

  /** An upload may begin while its generation is open, and ends after that. */
  #stepsOfStaging(row: ModelRow): Step[] {
    if (row.status !== 'CREATED' || this.objects.has(row.key)) return [];
    const uploadId = `upload of ${row.key}`;
    const begun = this.uploads.has(uploadId);
    const begin: Step = () => this.uploads.set(uploadId, row);
    const complete: Step = () => {
      this.uploads.delete(uploadId);
      this.objects.set(row.key, { size: 10 * row.records.length, records: [...row.records] });
    };
    return [
      ...(begun ? [] : [begin]),
      ...(row.generation < this.#openGeneration ? [complete] : []),
    ];
  }

  /** One transaction for the whole generation, the oldest one first. */
  #freezes(rows: readonly ModelRow[]): Step[] {
    const generation = this.#frozenGeneration + 1;
    const files = rows.filter((row) => row.generation === generation);
    const complete = files.every((row) => row.status === 'CREATED' && this.objects.has(row.key));
    if (generation >= this.#openGeneration || !complete) return [];
    return [
      () => {
        for (const { fileId, key, records } of files) {
          const row = this.#event(fileId, 'freeze');
          const stored = bytesOf(this.objects.get(key)?.size ?? 0);
          this.rows.set(fileId, { ...row, stored, wasFrozen: true });
          this.frozenThrough = Math.max(this.frozenThrough, ...records);
        }
        this.#frozenGeneration = generation;
      },
    ];
  }

  #stepsOfImport({ fileId, status }: ModelRow): Step[] {
    if (status === 'FROZEN') return [() => void this.#event(fileId, 'take')];
    return status === 'IMPORTING' ? [() => this.#commit(fileId)] : [];
  }

  /** Of any one file that is not imported, in whatever state. A load fails once. */
  #fails(rows: readonly ModelRow[]): Step[] {
    const alive = rows.filter((row) => row.status !== 'IMPORTED');
    const victim = alive[this.#lastOrdinal % Math.max(1, alive.length)];
    if (this.#failed || victim === undefined) return [];
    return [
      () => {
        this.#failed = true;
        this.#event(victim.fileId, 'fail');
      },
    ];
  }

  #commit(fileId: number): void {
    const { key } = this.#event(fileId, 'commit');
    const object = this.objects.get(key);
    if (object === undefined) throw new Error(`the object ${key} of an import is gone`);
    this.target.push(...object.records);
  }

  #event(fileId: number, event: FileStateEvent): ModelRow {
    const row = this.rows.get(fileId);
    const status = row && fileTransition(row.status, event);
    if (row === undefined || status === undefined) {
      throw new Error(`${event} of file ${fileId}, which is ${row?.status ?? 'unknown'}`);
    }
    const next = { ...row, status };
    this.rows.set(fileId, next);
    return next;
  }
}
