/** A task's state and what to do about it, in words. */

import type { NextStep } from '../core/next-step.ts';
import { shellWord } from '../shell-word.ts';
import type { TaskOverview } from './task-overview.ts';

export function shownStatus({
  status,
  alive,
  connected,
}: Pick<TaskOverview, 'status' | 'alive' | 'connected'>): string {
  if (status !== 'RUNNING') return status;
  if (alive === false) return 'RUNNING (dead)';
  return connected === false ? 'RUNNING (no process)' : status;
}

export function advice(next: NextStep, processId: string): string {
  const id = shellWord(processId);
  const said: Record<NextStep, string> = {
    nothing: 'nothing to do',
    wait: 'a process works on it: wait, or look at that process',
    resume: `relyt resume ${id} continues it; relyt abort ${id} gives it up`,
    abort: `its staged files were deleted (cleanup: always), so it cannot be continued: relyt abort ${id}, and load again`,
    errors: `relyt errors ${id} shows the rejected records`,
  };
  return said[next];
}

/** The commands that the advice names, each by itself, to be copied. */
export function nextCommands(next: NextStep, processId: string): readonly string[] {
  const id = shellWord(processId);
  const commands: Partial<Record<NextStep, readonly string[]>> = {
    resume: [`relyt resume ${id}`, `relyt abort ${id}`],
    abort: [`relyt abort ${id}`],
    errors: [`relyt errors ${id}`],
  };
  return commands[next] ?? [];
}
