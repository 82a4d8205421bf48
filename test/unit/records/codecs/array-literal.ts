/** An independent reader of PostgreSQL's array syntax, written from its documentation: the tests' oracle. */

export type ArrayValue = string | null | ArrayValue[];

export function parseArrayLiteral(literal: string, delimiter = ','): ArrayValue[] {
  let at = 0;
  const expectChar = (wanted: string): void => {
    if (literal[at] !== wanted) throw new Error(`expected ${wanted} at ${at} of ${literal}`);
    at += 1;
  };
  const quoted = (): string => {
    let text = '';
    expectChar('"');
    while (literal[at] !== '"') {
      if (literal[at] === '\\') at += 1;
      if (at >= literal.length) throw new Error(`unterminated quote in ${literal}`);
      text += literal[at];
      at += 1;
    }
    at += 1;
    return text;
  };
  const bare = (): string | null => {
    const start = at;
    while (at < literal.length && literal[at] !== delimiter && literal[at] !== '}') {
      if (/["{\\\s]/.test(literal[at] ?? ''))
        throw new Error(`unquoted ${literal[at]} in ${literal}`);
      at += 1;
    }
    const text = literal.slice(start, at);
    if (text === '') throw new Error(`empty element in ${literal}`);
    return text.toUpperCase() === 'NULL' ? null : text;
  };
  const level = (): ArrayValue[] => {
    const values: ArrayValue[] = [];
    expectChar('{');
    if (literal[at] === '}') {
      at += 1;
      return values;
    }
    for (;;) {
      values.push(literal[at] === '{' ? level() : literal[at] === '"' ? quoted() : bare());
      if (literal[at] !== delimiter) break;
      at += 1;
    }
    expectChar('}');
    return values;
  };
  const values = level();
  if (at !== literal.length) throw new Error(`text after the array in ${literal}`);
  return values;
}
