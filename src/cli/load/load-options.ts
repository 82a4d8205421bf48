import type { BulkProcessorConfig } from '../../config/load-config.ts';
import type { TableName } from '../../core/table-name.ts';
import type { FormatOptions } from '../../input/format-options.ts';
import type { InputPosition } from '../../input/record-batch.ts';
import type { KeyClaim } from '../../task/keyed-task.ts';
import type { AllowedChange } from '../allow-change-option.ts';

export interface FileLoadOptions {
  readonly connection: { readonly connectionString?: string };
  readonly target: TableName;
  readonly format: FormatOptions;
  /** Records of the input to skip. */
  readonly skipRecords: number;
  /** The interrupted task to continue, instead of a new one. */
  readonly resume?: {
    readonly processId: string;
    readonly allowChanges: readonly AllowedChange[];
    /** Where to enter the file, at or before where the task is; default its beginning. */
    readonly from?: InputPosition | undefined;
    /** How long to wait for a process that has it; default 0. */
    readonly waitSeconds?: number | undefined;
  };
  /** By which a new task is found later. */
  readonly key?: KeyClaim | undefined;
  readonly settings: Omit<BulkProcessorConfig, 'postgresql' | 'columns'>;
  /** Stops the intake; what was read is still imported. */
  readonly signal: AbortSignal;
}

/** The configuration of the load, except the columns: they depend on the target as well. */
export function loadConfig({
  connection,
  target,
  settings,
}: Pick<FileLoadOptions, 'connection' | 'target' | 'settings'>): BulkProcessorConfig {
  return { ...settings, postgresql: { ...connection, ...target } };
}

/** Its input cannot be read a second time. */
export function isStream({ settings }: FileLoadOptions): boolean {
  return (settings.source as { readonly kind?: unknown } | undefined)?.kind === 'stream';
}
