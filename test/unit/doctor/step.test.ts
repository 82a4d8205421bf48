import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/load-schema.ts';
import { known } from '../../../src/doctor/findings.ts';
import { type Examination, type Step, tryStep } from '../../../src/doctor/step.ts';
import { RelytError } from '../../../src/errors.ts';

const examination: Examination = {
  config: resolveConfig({ postgresql: { table: 't' } }),
  table: undefined,
  findings: { role: 'loader' },
  processId: 'p',
};
const running = new AbortController().signal;

function step(run: Step['run'], seconds = 5): Step {
  return { name: 'a step', asks: 'S3', seconds, run };
}

/** Ends when its signal fires, as requests do. */
function untilEnded(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('cancelled')), { once: true });
  });
}

describe('a step of the doctor (G8)', () => {
  it('that goes well says what it found', async () => {
    const result = await tryStep(
      step(async () => 'well'),
      examination,
      running,
    );
    expect(result).toMatchObject({
      name: 'a step',
      status: 'ok',
      message: 'well',
      todo: null,
      code: null,
    });
  });

  it('that fails says what to do', async () => {
    const error = new RelytError('S3_BUCKET_MISSING', 'no bucket', { hint: 'make one' });
    const result = await tryStep(
      step(() => Promise.reject(error)),
      examination,
      running,
    );
    expect(result).toMatchObject({
      status: 'failed',
      message: 'no bucket',
      todo: 'make one',
      code: 'S3_BUCKET_MISSING',
    });
  });

  it('that fails by a fault of the program says so', async () => {
    const result = await tryStep(
      step(() => Promise.reject(new TypeError('x'))),
      examination,
      running,
    );
    expect(result).toMatchObject({ status: 'failed', code: 'INTERNAL', message: 'x' });
  });

  it('that needs what an earlier one did not find is left out', async () => {
    const needing = step(async ({ findings }) => known(findings, 'role', 's3').role);
    const result = await tryStep(needing, examination, running);
    expect(result).toMatchObject({
      status: 'skipped',
      message: 'needs the S3 settings',
      todo: null,
    });
  });

  it('that takes too long is ended, and says that it took too long', async () => {
    const slow = step((_, signal) => untilEnded(signal), 0.02);
    const result = await tryStep(slow, examination, running);
    expect(result).toMatchObject({
      status: 'failed',
      code: 'S3_UNAVAILABLE',
      message: 'There was no answer within 0.02 s.',
    });
  });

  it('is ended by a stop, which is no failure; the next one does not begin', async () => {
    const stop = new AbortController();
    const first = tryStep(
      step((_, signal) => untilEnded(signal)),
      examination,
      stop.signal,
    );
    stop.abort();
    expect(await first).toMatchObject({
      status: 'skipped',
      message: 'the examination was stopped',
    });
    let begun = false;
    const second = step(async () => {
      begun = true;
      return '';
    });
    expect(await tryStep(second, examination, stop.signal)).toMatchObject({ status: 'skipped' });
    expect(begun).toBe(false);
  });
});
