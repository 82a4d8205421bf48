// G8: every command that a hint prints runs as it stands, once its placeholders are filled in.

import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../../src/errors.ts';
import { createRole } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { HEADER, People } from './people.ts';
import { inputFile } from './relyt.ts';

const people = People.forTests();

const COMMANDS = new Set(
  Object.values(ERROR_CODES).flatMap(({ hint }) =>
    [...hint.matchAll(/`(relyt [^`]+)`/g)].map(([, command = '']) => command),
  ),
);

/** A load that failed at its second record, and its file with that record corrected. */
async function failedLoad(): Promise<{ readonly file: string; readonly processId: string }> {
  const file = inputFile('people.csv', `${HEADER}1,Ann,2001-01-01\n2,Bob,never\n`);
  const failed = await people.load([file, '--json']);
  expect(failed.code).toBe(1);
  return { file, processId: JSON.parse(failed.stdout).details.processId };
}

/** What the placeholders stand for is made only for commands that have them. */
async function filled(command: string): Promise<string> {
  const { endpoint, bucket } = testStack().s3;
  const values: Record<string, string> = {};
  if (/\bPROCESS_ID\b/.test(command)) values.PROCESS_ID = (await failedLoad()).processId;
  if (/\bROLE\b/.test(command)) values.ROLE = (await createRole(people.database, 'loader')).name;
  return command
    .replace('--s3-endpoint …', `--s3-endpoint ${endpoint}`)
    .replace('--s3-bucket …', `--s3-bucket ${bucket}`)
    .replace('--s3-…', `--s3-prefix ${people.prefix}`)
    .replace(/\b(PROCESS_ID|ROLE)\b/g, (name) => values[name] ?? name);
}

describe('commands in the hints of error codes', () => {
  test('are found', () => {
    expect([...COMMANDS]).toEqual(
      expect.arrayContaining(['relyt abort PROCESS_ID', 'relyt tasks', 'relyt doctor']),
    );
  });

  test.each([...COMMANDS])('%s', async (command) => {
    const ran = await people.run(await filled(command));
    expect({ command, ...ran }).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('commands in the hint for the file of a task', () => {
  const hintOf = async (processId: string) => {
    const { code, stdout } = await people.relyt(['resume', processId, '--json']);
    expect(code).toBe(1);
    return [...JSON.parse(stdout).hint.matchAll(/`(relyt [^`]+)`/g)].map(([, one]) => one);
  };

  test('that has changed', async () => {
    const { file, processId } = await failedLoad();
    writeFileSync(file, `${HEADER}1,Ann,2001-01-01\n2,Bob,2002-02-02\n`);
    const [allow = '', abort = ''] = await hintOf(processId);
    expect(await people.run(allow)).toMatchObject({ code: 0 });
    expect(await people.rows()).toHaveLength(2);
    expect(abort).toBe(`relyt abort ${processId}`);
  });

  test('that is gone', async () => {
    const { file, processId } = await failedLoad();
    const copy = inputFile('copy.csv', `${HEADER}1,Ann,2001-01-01\n2,Bob,2002-02-02\n`);
    rmSync(file);
    const [command = ''] = await hintOf(processId);
    expect(command).toBe(`relyt resume ${processId} FILE`);
    const named = await people.run(`${command.replace('FILE', copy)} --allow-change source`);
    expect(named).toMatchObject({ code: 0 });
    expect(await people.rows()).toHaveLength(2);
  });
});
