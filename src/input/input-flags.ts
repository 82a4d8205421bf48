/** How the input is to be read, as the flags say it. */
export interface InputFlags {
  readonly format?: 'csv' | 'ndjson';
  readonly header: boolean;
  readonly delimiter?: string;
  readonly quote?: string;
  readonly null?: string;
  readonly columns?: readonly string[];
}
