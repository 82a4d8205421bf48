import type { RecordedStatement } from './statement-recorder.ts';

/** Statements as a script for people: each ends with `;`, its values are above it, COPY data below. */
export function scriptText(statements: readonly RecordedStatement[]): string {
  return statements.map(statementText).join('\n\n');
}

function statementText({ text, values = [], data }: RecordedStatement): string {
  const given = values.map((value, n) => `-- $${n + 1} = ${JSON.stringify(value)}`);
  const copied = data === undefined ? [] : [`${data}\\.`];
  return [...given, `${text};`, ...copied].join('\n');
}
