import path from 'node:path';

/** Absolute paths of the two programs a server needs. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

export function binariesIn(folder: string): PostgresBinaries {
  return { postgres: path.join(folder, 'postgres'), initdb: path.join(folder, 'initdb') };
}
