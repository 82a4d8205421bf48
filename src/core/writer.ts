/** Who writes a task. */

/** A process that holds a task. The owner makes it one of a kind: a database that went back gives an epoch out twice. */
export interface Writer {
  readonly processId: string;
  /** Each take-over raises it. */
  readonly epoch: number;
  /** Host, process and a random tag. */
  readonly owner: string;
}

/** The random part of an owner: it is in the names of its connections and of what it stages. */
export function writerTag(owner: string): string {
  return owner.slice(owner.lastIndexOf('#') + 1);
}

/** Who has the task, as its row tells. */
export type Holder = Pick<Writer, 'epoch' | 'owner'>;

/**
 * What the row of a task says to a writer of it:
 * - `ours`: the task is this writer's;
 * - `taken over`: another one has it;
 * - `went back`: this writer took the task, and the database knows nothing of it any more.
 */
export type WriterVerdict = 'ours' | 'taken over' | 'went back';

export function writerVerdict(writer: Holder, row: Holder | undefined): WriterVerdict {
  if (row === undefined || row.epoch < writer.epoch) return 'went back';
  return row.epoch === writer.epoch && row.owner === writer.owner ? 'ours' : 'taken over';
}
