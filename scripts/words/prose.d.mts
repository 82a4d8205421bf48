/** Text that people read. `at` is where it begins in its file. */
export interface Passage {
  readonly kind: 'prose' | 'string';
  readonly text: string;
  readonly at: number;
}

export function proseOfMarkdown(source: string): readonly Passage[];

export function proseOfSource(source: string, name?: string): readonly Passage[];
