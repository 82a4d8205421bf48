export interface Slip {
  readonly index: number;
  readonly words: string;
  readonly instead: string;
}

export function findSlips(text: string, kind?: 'prose' | 'string'): readonly Slip[];
