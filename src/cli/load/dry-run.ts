/** `relyt load --dry-run`: what a load would do, and every statement of an import. */

import type { BulkProcessorConfig } from '../../config/load-config.ts';
import { count, counted } from '../../core/figures.ts';
import type { TargetTable } from '../../core/target-table.ts';
import { explainImport, type ImportExplanation } from '../../explain/explain-import.ts';
import { scriptText } from '../../explain/script-text.ts';
import type { RecordedStatement } from '../../explain/statement-recorder.ts';
import type { InputSource } from '../../input/input-source.ts';
import { openInput } from '../../input/open-input.ts';
import { openRecordSource } from '../../input/open-record-source.ts';
import type { BadRecord } from '../../input/record-batch.ts';
import { keptFields } from '../../records/field-row.ts';
import { planLoad, withColumns } from '../../task/plan-load.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { shownLayout } from '../shown-layout.ts';
import type { Terminal } from '../terminal.ts';
import { FORMAT_FLAGS } from './format-flags.ts';
import { type FileLoadOptions, loadConfig } from './load-options.ts';
import type { OutputFlags } from './run-load.ts';

/** Records that are looked at. */
const SAMPLE_RECORDS = 1000;

/** The beginning of an input. */
interface InputSample {
  readonly name: string;
  readonly columns: BulkProcessorConfig['columns'];
  readonly records: readonly object[];
  /** Those that are before or among them and cannot be read. */
  readonly bad: readonly BadRecord[];
}

type DryRunOptions = Omit<FileLoadOptions, 'resume' | 'key' | 'signal'>;

/** Prints what the load would do. @throws RelytError what the load would fail with before its first import */
export async function dryRunLoad(
  file: string,
  options: DryRunOptions,
  terminal: Terminal,
  flags: OutputFlags,
): Promise<ExitCode> {
  await using input = await openInput(file, { encoding: options.format.encoding });
  const plan = await planLoad(loadConfig(options));
  try {
    const sample = await sampleInput(input, plan.table, options);
    if (sample.records.length === 0) return nothingToLoad(sample, terminal, flags);
    const explanation = await explainImport(withColumns(plan, sample.columns), sample.records);
    const shown = { ...explanation, sample: withUnreadable(explanation, sample) };
    const tolerated = options.settings.maxErrorRecords ?? 0;
    if (flags.json) terminal.printJson({ ok: true, input: sample.name, ...shown });
    else printExplanation(terminal, shown, facts(sample.name, shown, tolerated));
    return EXIT.done;
  } finally {
    await plan.close();
  }
}

async function sampleInput(
  input: InputSource,
  table: TargetTable,
  { format, skipRecords }: DryRunOptions,
): Promise<InputSample> {
  const bad: BadRecord[] = [];
  const onBadRecord = (record: BadRecord) => {
    if (record.recordNumber > skipRecords) bad.push(record);
  };
  const optionNames = FORMAT_FLAGS;
  const source = await openRecordSource({ input, format, optionNames, table, onBadRecord });
  const records: object[] = [];
  for await (const batch of source.batches(skipRecords)) {
    for (const record of batch.records) records.push(keptFields(record));
    if (records.length + bad.length >= SAMPLE_RECORDS) break;
  }
  const { columns } = source;
  return { name: input.name, columns, records: records.slice(0, SAMPLE_RECORDS), bad };
}

function nothingToLoad(
  { name, bad }: InputSample,
  terminal: Terminal,
  { json }: OutputFlags,
): ExitCode {
  const text = `Would load nothing: ${name} has no records${bad.length > 0 ? ' that can be read' : ''}.`;
  if (json) terminal.printJson({ ok: true, input: name, message: text });
  else terminal.print(text);
  return EXIT.done;
}

/** What the reader refused counts like what the encoder refused. */
function withUnreadable(
  { sample }: ImportExplanation,
  { bad }: InputSample,
): ImportExplanation['sample'] {
  return {
    records: sample.records + bad.length,
    refused: sample.refused + bad.length,
    firstRefusal: bad[0]?.error.message ?? sample.firstRefusal,
  };
}

/** A script in which everything but the statements is a comment. */
function printExplanation(
  terminal: Terminal,
  { scripts, preparation }: ImportExplanation,
  known: readonly Fact[],
): void {
  const section = (title: string, statements: readonly RecordedStatement[]) => {
    if (statements.length > 0) terminal.printScript(`\n-- ${title}\n\n${scriptText(statements)}`);
  };
  terminal.print(...known.map(([name, text]) => `-- ${name.padEnd(11)} ${text}`));
  section('Before the first import', preparation);
  section('An import, here of the first two files: one transaction', scripts.fast);
  section(
    'The same, when COPY into the table is refused, or inserts fewer rows',
    scripts.notStraight ?? [],
  );
  section(
    'The same, when most rows exist already, or MERGE met a key inserted meanwhile',
    scripts.notMerged ?? [],
  );
  section('The same, when a key appears twice in its files', scripts.keysTwice ?? []);
  section('The same, when the database refuses a record', scripts.isolation);
}

type Fact = readonly [name: string, text: string];

function facts(input: string, explanation: ImportExplanation, tolerated: number): Fact[] {
  const { engine, databases, table, columns, staging, sample, segments } = explanation;
  const { filesPerImport, recordsPerFile, compression, keyPattern, location } = staging;
  const { layout, textColumns } = staging;
  const spread = segments === 1 ? '' : `; ${segments} segments read them`;
  return [
    ['dry run', `of loading ${input} into ${table}: nothing was written`],
    ['engine', `${engine}: ${databases}`],
    ['schema', schemaSentence(explanation)],
    ['columns', columns.map(({ name, type }) => `${name} ${type}`).join(', ')],
    ['conflicts', conflictSentence(explanation)],
    ['records', sampleSentence(sample, tolerated)],
    ['staged in', location],
    ['keys', keyPattern],
    ['files', `at most ${counted(recordsPerFile, 'record')} each, compression ${compression}`],
    ['layout', shownLayout({ format: layout, textColumns })],
    ['an import', `of at most ${counted(filesPerImport, 'file')}${spread}`],
  ];
}

function schemaSentence({ missingMigrations }: ImportExplanation): string {
  if (missingMigrations.length === 0) return 'relyt_sys is up to date';
  return `relyt_sys lacks ${missingMigrations.join(', ')}: a load installs it`;
}

function conflictSentence({ conflictMode, key: columns }: ImportExplanation): string {
  const key = columns.join(', ');
  if (conflictMode === 'update') return `on (${key}) the last record wins`;
  if (conflictMode === 'nothing') return `on (${key}) the first one stays`;
  return key === ''
    ? 'none: the table has no primary key'
    : `a key (${key}) that is there is refused`;
}

function sampleSentence(
  { records, refused, firstRefusal }: ImportExplanation['sample'],
  tolerated: number,
): string {
  const looked = `the first ${count(records)} were looked at`;
  if (refused === 0) return `${looked}: all can be loaded`;
  const end = refused > tolerated ? 'and the load would fail' : 'as --max-errors allows';
  return `${looked}: ${count(refused)} would be rejected, ${end}; the first because: ${firstRefusal}`;
}
