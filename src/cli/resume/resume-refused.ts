import { RelytError } from '../../errors.ts';

export function resumeRefused(processId: string, what: string, hint: string): RelytError {
  return new RelytError('RESUME_REFUSED', `the task ${processId} ${what}`, {
    details: { processId },
    hint,
  });
}
