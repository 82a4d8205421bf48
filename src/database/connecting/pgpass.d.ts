declare module 'pgpass/lib/helper.js' {
  import type { Readable } from 'node:stream';

  /** What an entry of the file is compared with. */
  export interface PasswordEntry {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
  }

  export function getPassword(
    entry: PasswordEntry,
    file: Readable,
    found: (password: string | undefined) => void,
  ): void;
}
