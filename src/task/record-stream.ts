import { Writable } from 'node:stream';

/** The part of a processor a stream writes to. */
interface RecordSink {
  insert(records: Iterable<unknown>): Promise<void>;
  flush(): Promise<void>;
  /** There will be no more records, and there should have been. */
  sourceFailed(error: unknown): void;
  /** Fires with what ended the task before its end. */
  readonly signal: AbortSignal;
}

/** Records a stream buffers before it asks its source to wait. */
const BUFFERED_RECORDS = 512;

/** An object stream that inserts what is written to it, and ends when all of it is imported. */
export function recordStream(sink: RecordSink): Writable {
  const insert = (records: unknown[], done: (error?: Error | null) => void) => {
    sink.insert(records).then(() => done(), done);
  };
  const stream = new Writable({
    objectMode: true,
    highWaterMark: BUFFERED_RECORDS,
    write: (record: unknown, _encoding, done) => insert([record], done),
    writev: (chunks, done) => {
      const records = chunks.map(({ chunk }) => chunk as unknown);
      insert(records, done);
    },
    final: (done) => {
      sink.flush().then(() => done(), done);
    },
    destroy(error, done) {
      if (!this.writableFinished) sink.sourceFailed(error ?? new Error('the stream was destroyed'));
      sink.signal.removeEventListener('abort', end);
      done(error);
    },
  });
  // A source that is being waited for would not be told by a failing write; without a listener the error would end
  // the process, although nothing uses the stream.
  const end = () => {
    if (stream.listenerCount('error') > 0) stream.destroy(sink.signal.reason as Error);
    else stream.destroy();
  };
  sink.signal.addEventListener('abort', end, { once: true });
  return stream;
}
