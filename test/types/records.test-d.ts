/** Checked by the compiler alone: what the records' types must accept, and must not. */

import { type BulkProcessorConfig, column } from 'relyt-sdk';

type Columns = NonNullable<BulkProcessorConfig['columns']>;

export const accepted: readonly Columns[] = [
  ['id', 'name'],
  { id: 'key', name: 1 },
  ['id'] as const,
];

// @ts-expect-error a property is named by a string or an index
export const refused: Columns = { id: true };

export class Marked {
  @column() id = 1n;
  @column('created_at') createdAt?: Date;
  @column() accessor score: number | null = null;

  @column('full_name')
  get name(): string {
    return 'x';
  }

  // @ts-expect-error a method holds no value
  @column() method(): void {}
}

// @ts-expect-error a class is no column
@column()
export class NotAColumn {}
