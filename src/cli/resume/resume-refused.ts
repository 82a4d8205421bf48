import { RelytError } from '../../errors.ts';

export function resumeRefused(processId: string, what: string, hint: string): RelytError {
  return new RelytError('RESUME_REFUSED', `The task ${processId} ${what}.`, {
    details: { processId },
    hint,
  });
}
