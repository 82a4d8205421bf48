export interface RecordShape {
  readonly seed: number;
  /** Records of the whole load. */
  readonly total: number;
  /** Whether the table has a primary key; then some keys are given several times. */
  readonly keyed: boolean;
  /** Some records cannot be encoded, and some the database refuses. */
  readonly rejects: boolean;
  /** Length of the text of each record, at least. */
  readonly padBytes?: number;
  /** Records have a group_id below this number, and a key may come back in another group. */
  readonly groups?: number;
}

export interface GivenRow {
  readonly id: number;
  readonly v: string;
  readonly amount: number;
}

export interface ExpectedReject {
  readonly ordinal: number;
  readonly stage: 'encode' | 'import';
  /** A record of the same key in the same import may win before the database looks at this one. */
  readonly unlessSuperseded: boolean;
}

export interface ExpectedOutcome {
  readonly rows: readonly GivenRow[];
  readonly rejects: readonly ExpectedReject[];
}

export function givenRecords(shape: RecordShape, from: number, to: number): unknown[];
export function columnsOf(shape: Pick<RecordShape, 'keyed' | 'groups'>): string;
export function expectedOutcome(
  shape: RecordShape,
  onConflict?: 'update' | 'nothing',
): ExpectedOutcome;
