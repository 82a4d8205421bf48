import type { LoadOver } from '../../connected.ts';
import type { AllowedChange } from '../allow-change-option.ts';
import type { ConnectionFlags } from '../connection-options.ts';
import { type EngineFlags, engineSettingsOf } from '../engine-option.ts';
import type { LoaderConfigFlags } from '../loader-config-options.ts';

export interface ResumeFlags extends ConnectionFlags, LoaderConfigFlags, EngineFlags {
  readonly finish?: boolean;
  readonly allowChange?: readonly AllowedChange[];
  readonly batchSize?: number;
  readonly concurrency?: number;
  readonly maxErrors?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Settings that the flags change; all others are those the task was started with. */
export function changedLoad(flags: ResumeFlags): Partial<LoadOver> {
  const { greenplum, awsS3 } = engineSettingsOf(flags);
  const { batchSize, concurrency, maxErrors: maxErrorRecords } = flags;
  return { greenplum, awsS3, batchSize, concurrency, maxErrorRecords };
}
