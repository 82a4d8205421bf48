// The public surface, name by name. A change here is a change of the package's contract: CHANGELOG.md says so too.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as api from '../../../src/index.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const VALUES = [
  'BulkProcessor',
  'Connected',
  'ERROR_CODES',
  'RelytError',
  'VERSION',
  'abortTask',
  'collectGarbage',
  'column',
  'connect',
  'listEngines',
  'listTasks',
  'migrateGroups',
  'openTelemetry',
  'prepareScript',
  'rejectedRecords',
  'showTask',
];
const TYPES = [
  'AbortOptions',
  'AbortedTask',
  'AccessConfig',
  'AwsS3Config',
  'BroughtS3Client',
  'BulkProcessorConfig',
  'CauseJson',
  'ChangeableSetting',
  'ClientPool',
  'CollectedTask',
  'ConnectOptions',
  'ConnectionConfig',
  'DeadTask',
  'DiagnosticMessages',
  'EngineChoice',
  'EngineDescription',
  'ErrorCode',
  'ErrorDetails',
  'EventListener',
  'ExaminationOptions',
  'ExaminationReport',
  'FailedFile',
  'FailedGroup',
  'FileCount',
  'FileEvent',
  'GarbageOptions',
  'GarbageReport',
  'GreenplumConfig',
  'ImportCounts',
  'ImportEvent',
  'ImportExplanation',
  'ImportTotals',
  'InsertOptions',
  'JsonValue',
  'LoadConfig',
  'LoadOver',
  'LoaderConfigSource',
  'Logger',
  'LostFile',
  'MappedConfig',
  'MigrateOptions',
  'MigrationProgress',
  'MigrationReport',
  'Monitor',
  'MonitorOptions',
  'MovedGroup',
  'NextStep',
  'OpenedTask',
  'PrepareOptions',
  'Prepared',
  'PreparedDatabase',
  'PreparedLocation',
  'PreparedRouting',
  'ProcessorEvents',
  'Progress',
  'ProvidedS3Keys',
  'Recommendation',
  'RejectEvent',
  'RejectedLine',
  'RejectedLinesOptions',
  'RejectedRecord',
  'RelytErrorJson',
  'ResumeOptions',
  'Retry',
  'RoutingOptions',
  'S3ClientLike',
  'S3ClientSettings',
  'S3Config',
  'S3CredentialProvider',
  'S3Place',
  'StagedLayout',
  'StepResult',
  'StoredS3Settings',
  'TableMigration',
  'TargetConfig',
  'TaskDetails',
  'TaskFilter',
  'TaskOverview',
  'TaskRecord',
  'TaskState',
  'UninstallOptions',
  'UninstallPlan',
  'UninstallReport',
];

describe('public API', () => {
  it('has exactly these values', () => {
    expect(Object.keys(api).sort()).toEqual(VALUES);
  });

  it('has exactly these types besides', () => {
    expect(exportedNames('src/index.ts').filter((name) => !VALUES.includes(name))).toEqual(TYPES);
  });

  it('tells the version of package.json', () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

    expect(api.VERSION).toBe(version);
  });

  it('has a version that CHANGELOG.md describes', () => {
    const changelog = readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8');

    expect(changelog).toMatch(new RegExp(`^## \\[${api.VERSION.replaceAll('.', '\\.')}\\]`, 'm'));
  });

  it('gives every error code a meaning, a hint and whether to retry', () => {
    const incomplete = Object.entries(api.ERROR_CODES).filter(
      ([code, { meaning, hint, retry }]) =>
        !/^[A-Z][A-Z0-9_]+$/.test(code) ||
        !meaning.endsWith('.') ||
        !hint.endsWith('.') ||
        !['auto', 'manual', 'never'].includes(retry),
    );

    expect(incomplete).toEqual([]);
  });
});

/** Names of all export declarations, types included. */
function exportedNames(file: string): string[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const names = source.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement)) throw new Error(`${file} holds more than exports`);
    const clause = statement.exportClause;
    if (clause === undefined || !ts.isNamedExports(clause)) throw new Error('export *');
    return clause.elements.map((element) => element.name.text);
  });
  return names.sort();
}
