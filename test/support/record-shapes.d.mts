export interface RecordShape {
  /** No table can take the record: it has to be refused. */
  readonly refused?: true;
}

export declare const SHAPES: Readonly<Record<string, RecordShape>>;
