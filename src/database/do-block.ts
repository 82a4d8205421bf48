import { literal } from './statement.ts';

/** Lines of PL/pgSQL. A line may be a whole statement with line ends of its own, which stay as they are. */
export type Lines = readonly string[];

/** An anonymous block of PL/pgSQL: the only form of it that needs no right to create anything. */
export function doBlock(declarations: Lines, statements: Lines): string {
  const declare = declarations.length === 0 ? [] : ['declare', ...indented(declarations)];
  return `do ${literal(['', ...declare, 'begin', ...indented(statements), 'end'].join('\n'))}`;
}

/**
 * Statements whose errors are caught before client or server log see them. `guard` are the exception clauses, which may
 * use the variables declared here. Without any the statements stay as they are: nothing of them can leak.
 */
export function guarded(statements: Lines, guard: Lines): Lines {
  if (guard.length === 0) return statements;
  return [
    'declare',
    '  code text; reason text; more text; bad_column text;',
    'begin',
    ...indented(statements),
    'exception',
    ...indented(guard),
    'end;',
  ];
}

export function indented(lines: Lines): Lines {
  return lines.map((line) => `  ${line}`);
}
