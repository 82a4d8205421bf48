import { randomUUID } from 'node:crypto';
import { refuseUndefined } from '../config/access-schema.ts';
import type { BulkProcessorConfig } from '../config/load-config.ts';
import { resolveConfig } from '../config/load-schema.ts';
import { redact } from '../core/redaction.ts';
import { secretMask, secretsOf } from '../core/secret-mask.ts';
import { ACCESS } from './access-step.ts';
import { BUCKET_STEPS, removeProbes } from './bucket-steps.ts';
import { CLOCKS } from './clock-step.ts';
import { CONNECTION, ENGINE } from './connection-steps.ts';
import type { Findings } from './findings.ts';
import { FOREIGN_CODE } from './foreign-code-step.ts';
import { PROBE } from './probe-step.ts';
import { type Recommendation, recommendations } from './recommendations.ts';
import { RIGHTS, SCHEMA } from './schema-steps.ts';
import { SETTINGS } from './settings-step.ts';
import { type Examination, type Step, type StepResult, tryStep } from './step.ts';
import { TABLE } from './table-step.ts';

/** What is to be examined: a configuration as for a load, of which the table may be left out. */
export interface ExaminationConfig extends Omit<BulkProcessorConfig, 'postgresql' | 'signal'> {
  readonly postgresql?: Omit<BulkProcessorConfig['postgresql'], 'schema' | 'table'>;
  readonly table?: { readonly schema: string; readonly table: string } | undefined;
}

export interface ExaminationReport {
  /** Nothing failed. */
  readonly ok: boolean;
  readonly steps: readonly StepResult[];
  readonly recommendations: readonly Recommendation[];
}

export interface ExaminationOptions {
  /** Notified of each step as it ends. */
  readonly onStep?: (result: StepResult) => void;
  /** Ends the step under way, and leaves out the others. */
  readonly signal?: AbortSignal;
}

const STEPS: readonly Step[] = [
  CONNECTION,
  ENGINE,
  FOREIGN_CODE,
  SETTINGS,
  SCHEMA,
  RIGHTS,
  TABLE,
  CLOCKS,
  ...BUCKET_STEPS,
  ACCESS,
  PROBE,
];

/**
 * Tries everything that a load needs, one step after the other, and a small load itself; leaves nothing behind.
 * What fails is in the report, with what to do. Nothing in it is a secret.
 * @throws RelytError CONFIG_INVALID
 */
export async function examine(
  given: ExaminationConfig,
  options: ExaminationOptions = {},
): Promise<ExaminationReport> {
  refuseUndefined(given);
  const { onStep = () => {}, signal = new AbortController().signal } = options;
  const { table, postgresql = {}, ...rest } = given;
  const place = table ?? { table: 'relyt_doctor' };
  const config = resolveConfig({ ...rest, postgresql: { ...postgresql, ...place } });
  const findings: Findings = {};
  const examination: Examination = { config, table, findings, processId: randomUUID() };
  const steps: StepResult[] = [];
  try {
    for (const step of STEPS) {
      const result = masked(await tryStep(step, examination, signal), findings);
      steps.push(result);
      onStep(result);
    }
  } finally {
    await removeProbes(examination);
    findings.store?.close();
    await findings.database?.close();
  }
  const ok = !signal.aborted && steps.every(({ status }) => status !== 'failed');
  return { ok, steps, recommendations: recommendations(findings, config) };
}

/** Errors hide secrets already; this holds for every sentence of a step (G7). */
function masked(result: StepResult, { s3 }: Findings): StepResult {
  const mask = s3 === undefined ? redact : secretMask(secretsOf(s3));
  return { ...result, message: mask(result.message), todo: result.todo && mask(result.todo) };
}
