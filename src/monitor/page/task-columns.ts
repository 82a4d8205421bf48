import type { TaskView } from '../task-view.ts';
import type { LiveColumn } from './live-table.ts';
import { shownCount, shownTime } from './shown-figures.ts';

export const FILE_COLUMNS: readonly LiveColumn<TaskView['files'][number]>[] = [
  { title: 'File', isNumber: true, text: (file) => String(file.file_id) },
  { title: 'Lane', isNumber: true, text: (file) => String(file.lane) },
  {
    title: 'Status',
    text: (file) => file.status,
    className: (file) => `status ${STATUS_CLASSES[file.status] ?? ''}`,
  },
  { title: 'Records', isNumber: true, text: (file) => shownCount(file.records) },
  { title: 'Begun', text: (file) => shownTime(file.created_at) },
  { title: 'Frozen', text: (file) => shownTime(file.frozen_at) },
  { title: 'Imported', text: (file) => shownTime(file.imported_at) },
  { title: 'Import', isNumber: true, text: (file) => String(file.import_id ?? '') },
  { title: 'Attempts', isNumber: true, text: (file) => String(file.attempts) },
  { title: 'Error', text: (file) => file.error ?? '', className: () => 'long' },
];

const STATUS_CLASSES: Readonly<Record<string, string>> = { IMPORTED: 'completed', ERROR: 'failed' };

export const IMPORT_COLUMNS: readonly LiveColumn<TaskView['imports'][number]>[] = [
  { title: 'Import', isNumber: true, text: (done) => String(done.import_id) },
  { title: 'Files', isNumber: true, text: (done) => shownCount(done.files) },
  { title: 'Records', isNumber: true, text: (done) => shownCount(done.records) },
  { title: 'Rejected', isNumber: true, text: (done) => shownCount(done.rejected) },
  { title: 'Began', text: (done) => shownTime(done.started_at) },
  { title: 'Committed', text: (done) => shownTime(done.imported_at) },
];
