import type { TaskView } from '../task-view.ts';
import { drawing, element } from './element.ts';
import { shownCount, shownTime } from './shown-figures.ts';

/** A bar on the timeline. */
interface Bar {
  readonly kind: 'file' | 'import';
  readonly from: number;
  readonly to: number;
  /** Where within it another phase begins: a file is frozen, and waits. */
  readonly turn: number | undefined;
  readonly title: string;
}

const ROW = 9;
const WIDTH = 1000;

/** The newest files and imports of a task, over time, each a bar. */
export function timeline({ files, imports }: TaskView, now: number): Element {
  const bars = [...files.map((file) => fileBar(file, now)), ...imports.map(importBar)];
  if (bars.length === 0) return element('p', { class: 'empty' }, 'No files yet.');
  const from = Math.min(...bars.map((bar) => bar.from));
  const span = Math.max(1, Math.max(...bars.map((bar) => bar.to)) - from);
  bars.sort((a, b) => a.from - b.from);
  const at = (time: number) => ((time - from) / span) * WIDTH;
  const height = bars.length * ROW;
  const about = `${files.length} files and ${imports.length} imports since ${shownTime(new Date(from).toISOString())}; the tables below list them.`;
  const svg = drawing(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${height}`,
      class: 'timeline',
      role: 'img',
      'aria-label': about,
      preserveAspectRatio: 'none',
      height,
    },
    ...bars.flatMap((bar, n) => drawn(bar, n * ROW, at)),
  );
  return element('figure', {}, svg, element('figcaption', {}, about));
}

function drawn({ kind, from, to, turn, title }: Bar, y: number, at: (time: number) => number) {
  const rect = (start: number, end: number, className: string) =>
    drawing(
      'rect',
      {
        x: at(start),
        y,
        width: Math.max(2, at(end) - at(start)),
        height: ROW - 2,
        class: className,
      },
      drawing('title', {}, title),
    );
  if (turn === undefined) return [rect(from, to, kind)];
  return [rect(from, turn, kind), rect(turn, to, `${kind} waiting`)];
}

function fileBar(file: TaskView['files'][number], now: number): Bar {
  const isOver = file.status === 'IMPORTED' || file.status === 'ERROR';
  const end = file.imported_at ?? (isOver ? (file.frozen_at ?? file.created_at) : undefined);
  return {
    kind: 'file',
    from: Date.parse(file.created_at),
    to: end === undefined ? now : Date.parse(end),
    turn: file.frozen_at === null ? undefined : Date.parse(file.frozen_at),
    title: `File ${file.file_id}: ${shownCount(file.records)} records, ${file.status}`,
  };
}

function importBar(done: TaskView['imports'][number]): Bar {
  return {
    kind: 'import',
    from: Date.parse(done.started_at),
    to: Date.parse(done.imported_at),
    turn: undefined,
    title: `Import ${done.import_id}: ${shownCount(done.records)} records of ${done.files} files`,
  };
}
