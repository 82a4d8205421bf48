import type { Meter } from '@opentelemetry/api';
import type {
  DiagnosticMessages,
  EncodeMessage,
  RejectMessage,
  RetryMessage,
} from '../diagnostics/messages.ts';
import { ofError, ofOperation } from './step-attributes.ts';

/** Seconds, as the semantic conventions have them, and longer: imports take minutes. */
const BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800];

/** The instruments. No task or file is among their attributes: each would be a series of its own. */
function instrumentsOf(meter: Meter) {
  const duration = { unit: 's', advice: { explicitBucketBoundaries: BUCKETS } };
  const records = { unit: '{record}' };
  return {
    operations: meter.createHistogram('db.client.operation.duration', {
      ...duration,
      description: 'Duration of imports, freezes and moves of groups.',
    }),
    uploads: meter.createHistogram('relyt.upload.duration', {
      ...duration,
      description: 'Duration of the uploads of staged files.',
    }),
    uploaded: meter.createCounter('relyt.upload.size', {
      unit: 'By',
      description: 'Bytes of staged files in S3.',
    }),
    encoded: meter.createCounter('relyt.encode.records', {
      ...records,
      description: 'Records encoded into staged files.',
    }),
    imported: meter.createCounter('relyt.import.records', {
      ...records,
      description: 'Records of committed imports, by outcome.',
    }),
    rejected: meter.createCounter('relyt.reject.records', {
      ...records,
      description: 'Rejected records.',
    }),
    retries: meter.createCounter('relyt.retries', {
      unit: '{retry}',
      description: 'Failures that were retried.',
    }),
  };
}

/** Counts and times the steps. */
export class StepMetrics {
  readonly #to: ReturnType<typeof instrumentsOf>;

  constructor(meter: Meter) {
    this.#to = instrumentsOf(meter);
  }

  encoded({ table, records }: EncodeMessage): void {
    this.#to.encoded.add(records, { 'db.collection.name': table });
  }

  uploaded(message: DiagnosticMessages['relyt:upload']): void {
    const attributes = { 'aws.s3.bucket': message.bucket };
    const { seconds = 0, bytes = 0 } = message;
    this.#to.uploads.record(seconds, { ...attributes, ...ofError(message) });
    this.#to.uploaded.add(bytes, attributes);
  }

  operated(
    operation: 'import' | 'freeze' | 'migrate',
    message: DiagnosticMessages['relyt:import' | 'relyt:freeze' | 'relyt:migrate'],
  ): void {
    const attributes = { ...ofOperation(operation, message.table), ...ofError(message) };
    this.#to.operations.record(message.seconds ?? 0, attributes);
  }

  imported({ table, counts }: DiagnosticMessages['relyt:import']): void {
    if (counts === undefined) return;
    for (const outcome of ['inserted', 'updated', 'skipped', 'superseded'] as const)
      if (counts[outcome] > 0)
        this.#to.imported.add(counts[outcome], {
          'db.collection.name': table,
          'relyt.outcome': outcome,
        });
  }

  rejected({ table, stage, error }: RejectMessage): void {
    this.#to.rejected.add(1, {
      'db.collection.name': table,
      'relyt.stage': stage,
      'error.type': error.code,
    });
  }

  retried({ step, code }: RetryMessage): void {
    this.#to.retries.add(1, {
      'relyt.step': step,
      ...(code === undefined ? {} : { 'error.type': code }),
    });
  }
}
