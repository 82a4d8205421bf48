import { counted } from '../../core/figures.ts';
import type { UninstallPlan } from '../../operations/uninstall/removal.ts';
import type { UninstallReport } from '../../operations/uninstall/uninstall.ts';

interface Choices {
  readonly discard?: boolean;
  readonly keepS3?: boolean;
}

/** What an uninstall is about to do, in lines for a person. */
export function planLines(plan: UninstallPlan, choices: Choices): string[] {
  if (plan.objects.length === 0) return ['There is nothing to remove.'];
  return [
    'This removes from the database:',
    ...plan.objects.map(({ kind, name }) => `  ${kind.padEnd(9)} ${name}`),
    'With them go:',
    '  the list of all tasks, the S3 settings with their keys, and the rights granted on relyt_sys',
    ...lostLines(plan),
    'In S3:',
    `  ${stagedLine(plan, choices)}`,
    'What stays:',
    '  the tables that loads write to, with all their rows and grants; auxiliary tables',
    ...(plan.keepsFileWrapper
      ? [
          '  the extension file_fdw, which may have been there before: DROP EXTENSION file_fdw removes it',
        ]
      : []),
  ];
}

function lostLines({ holdings }: UninstallPlan): string[] {
  const { tasks, rejected, rejectingTasks } = holdings;
  const records = tasks.reduce((sum, task) => sum + task.records, 0);
  return [
    ...(tasks.length === 0
      ? []
      : [
          `  ${counted(tasks.length, 'task')} that can be resumed, with ${counted(records, 'record')} not imported yet`,
        ]),
    ...(rejected === 0
      ? []
      : [`  ${counted(rejected, 'rejected record')} of ${counted(rejectingTasks, 'task')}`]),
  ];
}

function stagedLine({ holdings }: UninstallPlan, { keepS3 = false }: Choices): string {
  if (!holdings.usesS3) return 'nothing was staged';
  if (keepS3) return 'nothing is deleted (--keep-s3)';
  const kept = holdings.keptFiles;
  return kept === 0
    ? 'what is left of staged files of these tasks is deleted'
    : `what is left of staged files is deleted, except for ${counted(kept, 'file')} kept by cleanup: 'never'`;
}

/** What an uninstall did. */
export function removedLines({ objects, swept, holdings }: UninstallReport): string[] {
  const staged =
    swept === null
      ? holdings.usesS3
        ? 'S3 was left as it is.'
        : 'Nothing was staged in S3.'
      : `Deleted ${counted(swept.objects, 'object')} and aborted ${counted(swept.uploads, 'upload')} in ${swept.location}.`;
  return [`Removed ${counted(objects.length, 'object')} from the database.`, staged];
}
