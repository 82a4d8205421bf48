declare module 'pg-copy-streams-binary' {
  import type { Transform } from 'node:stream';

  interface Field {
    readonly type: string;
    readonly value: unknown;
  }

  const binary: {
    /** Takes rows as arrays of fields. */
    rowWriter(): Transform & { write(row: readonly Field[]): boolean };
  };
  export default binary;
}
