import type * as Api from '@opentelemetry/api';
import type { StepChannel } from '../diagnostics/channels.ts';
import type { DiagnosticMessages, EncodeMessage, StepMessage } from '../diagnostics/messages.ts';
import { ofError, ofOperation } from './step-attributes.ts';

type SpanApi = Pick<typeof Api, 'trace' | 'SpanKind' | 'SpanStatusCode'>;

interface NewSpan {
  readonly name: string;
  readonly attributes: Api.Attributes;
}

/** How the span of each step begins. */
const BEGUN: {
  readonly [Name in StepChannel]: (message: DiagnosticMessages[Name]) => NewSpan;
} = {
  'relyt:upload': ({ processId, bucket, key, fileId }) => ({
    name: `upload ${bucket}`,
    attributes: {
      'aws.s3.bucket': bucket,
      'aws.s3.key': key,
      'relyt.task.id': processId,
      'relyt.file.id': fileId,
    },
  }),
  'relyt:freeze': ({ processId, table, fileIds, records }) => ({
    name: `freeze ${table}`,
    attributes: {
      ...ofOperation('freeze', table),
      'relyt.task.id': processId,
      'relyt.files': fileIds.length,
      'relyt.records': records,
    },
  }),
  'relyt:import': ({ processId, table, importId, fileIds, records }) => ({
    name: `import ${table}`,
    attributes: {
      ...ofOperation('import', table),
      'db.operation.batch.size': records,
      'relyt.task.id': processId,
      'relyt.import.id': importId,
      'relyt.files': fileIds.length,
    },
  }),
  'relyt:migrate': ({ table, direction }) => ({
    name: `migrate ${table}`,
    attributes: { ...ofOperation('migrate', table), 'relyt.direction': direction },
  }),
};

/** Writes a span for each step; its parent is what was active where the step began. */
export class StepSpans {
  readonly #api: SpanApi;
  readonly #tracer: Api.Tracer;
  /** Of steps under way. */
  readonly #spans = new WeakMap<StepMessage, Api.Span>();

  constructor(api: SpanApi, version: string) {
    this.#api = api;
    this.#tracer = api.trace.getTracer('relyt-sdk', version);
  }

  begin<Name extends StepChannel>(step: Name, message: DiagnosticMessages[Name]): void {
    const { name, attributes } = BEGUN[step](message);
    // Another service does the work.
    const kind = this.#api.SpanKind.CLIENT;
    this.#spans.set(message, this.#tracer.startSpan(name, { kind, attributes }));
  }

  end(message: StepMessage): void {
    const span = this.#spans.get(message);
    if (span === undefined) return;
    const { error } = message;
    if (error !== undefined) {
      span.setAttributes(ofError(message));
      span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: error.message });
    }
    span.end();
  }

  /** It is told when it is over. */
  encoded({ processId, table, fileId, records, bytes, layout, seconds }: EncodeMessage): void {
    const attributes = {
      'relyt.task.id': processId,
      'relyt.file.id': fileId,
      'relyt.records': records,
      'relyt.bytes': bytes,
      'relyt.layout': layout,
    };
    const startTime = Date.now() - seconds * 1000;
    this.#tracer.startSpan(`encode ${table}`, { startTime, attributes }).end();
  }
}
