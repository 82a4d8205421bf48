import { count } from '../../core/figures.ts';
import { shownGroup } from '../../core/shown-group.ts';
import type { MigrationProgress } from '../../migrate/migrate-options.ts';
import type { Terminal } from '../terminal.ts';

const VERBS = { move: 'moved', copy: 'copied', clean: 'cleaned up' } as const;

/** Follows the migration on stderr: one line that is written over on a terminal, a line a transaction in a log. */
export class MigrationDisplay implements Disposable {
  readonly #terminal: Terminal;
  readonly #silent: boolean;

  constructor(terminal: Terminal, silent: boolean) {
    this.#terminal = terminal;
    this.#silent = silent;
  }

  show(progress: MigrationProgress): void {
    if (this.#silent) return;
    this.#terminal.progress(migrationLine(progress));
  }

  clear(): void {
    if (!this.#silent) this.#terminal.clearProgress();
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

export function migrationLine(progress: MigrationProgress): string {
  const { table, group, step, rows, rowsTotal, groups, groupsTotal } = progress;
  return [
    `${table}  group ${shownGroup(group)}`,
    `${VERBS[step]} ${count(rows)} of about ${count(rowsTotal)} rows`,
    `${count(groups)} of ${count(groupsTotal)} groups done`,
  ].join('  ');
}
