import { codecOf } from '../../dist/records/codecs/codec-of.js';
import { code, page, table } from './markdown.mjs';
import { TYPE_EXAMPLES } from './type-examples.mjs';

/** docs/reference/types.md: what the codecs really do with each example. */
export function typesPage() {
  const rows = TYPE_EXAMPLES.flatMap(([label, type, values]) => {
    const codec = codecOf(type);
    return values.map((value, index) => [
      index === 0 ? `**${label}**` : '',
      code(sourceOf(value)),
      outcome(() => codec.encode(value())) + storedAs(value),
    ]);
  });
  return page(
    '# Column types and the values they take',
    'The type of the column decides, never a guess at the value. ' +
      '`null` and `undefined` are NULL for every type; a string in the syntax of the type works for every type. ' +
      'A value a column cannot hold makes its record a rejected one (see ' +
      '[records and types](../guide/records-and-types.md)); it is never changed to fit, ' +
      'except that the database rounds to the precision the column has, as it does with `COPY`.',
    'Every line was made by the code that encodes records:',
    table(['column type', 'JavaScript value', 'what the database reads'], rows),
    'Types without a line of their own, also from extensions, ranges and composite types, behave like "any other type": ' +
      'the value is text in the syntax of the type, and the database has the last word. Domains behave like their base type.',
  );
}

function sourceOf(value) {
  const source = value.toString().replace(/^\(\) => /, '');
  return source.replace(/^\((\{.*\})\)$/s, '$1').replaceAll(/\s+/g, ' ');
}

/** Of a rounded value: the engines' own doing, after what the loader wrote. */
function storedAs({ stored }) {
  return stored === undefined ? '' : `, stored as ${code(stored)}`;
}

function outcome(encode) {
  try {
    const text = encode();
    return text === '' ? 'the empty text' : code(text);
  } catch (error) {
    if (error.constructor.name !== 'Refusal') throw error;
    return `refused: ${error.message}`;
  }
}
