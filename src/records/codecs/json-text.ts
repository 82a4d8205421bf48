/**
 * A JavaScript value as JSON text: JSON.stringify, but bigint keeps every digit, and what would be
 * changed without a word (NaN, an invalid Date, a Map) is refused.
 */

import { types } from 'node:util';
import { Refusal } from './refusal.ts';

/** Undefined where JSON has no form for the value: functions, symbols and undefined. */
export function jsonText(value: unknown): string | undefined {
  return written(value, '', []);
}

function written(given: unknown, key: string, parents: object[]): string | undefined {
  const value = withToJson(given, key);
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return numberJson(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : objectJson(value, parents);
    default:
      return undefined;
  }
}

function withToJson(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !('toJSON' in value)) return value;
  if (types.isDate(value) && Number.isNaN(value.getTime())) refuse(value, 'holds an invalid Date');
  const { toJSON } = value;
  return typeof toJSON === 'function' ? toJSON.call(value, key) : value;
}

function numberJson(value: number): string {
  if (!Number.isFinite(value)) refuse(value, `holds ${value}, for which JSON has no number`);
  return Object.is(value, -0) ? '-0' : String(value);
}

function objectJson(value: object, parents: object[]): string {
  if (types.isBoxedPrimitive(value)) return written(value.valueOf(), '', parents) ?? 'null';
  if (types.isMap(value) || types.isSet(value) || ArrayBuffer.isView(value)) {
    refuse(
      value,
      'holds a Map, a Set or a typed array, which JSON would empty or turn into an object',
      {
        hint: 'Convert it first with Object.fromEntries(map) or Array.from(values).',
      },
    );
  }
  if (parents.includes(value)) refuse(value, 'refers to itself');
  parents.push(value);
  const text = Array.isArray(value) ? arrayJson(value, parents) : membersJson(value, parents);
  parents.pop();
  return text;
}

function arrayJson(values: readonly unknown[], parents: object[]): string {
  let text = '';
  for (let i = 0; i < values.length; i += 1) {
    text += `${i === 0 ? '' : ','}${written(values[i], String(i), parents) ?? 'null'}`;
  }
  return `[${text}]`;
}

function membersJson(value: object, parents: object[]): string {
  let text = '';
  for (const [key, member] of Object.entries(value)) {
    const memberText = written(member, key, parents);
    if (memberText === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${memberText}`;
  }
  return `{${text}}`;
}

function refuse(value: unknown, wrong: string, options: { readonly hint?: string } = {}): never {
  throw new Refusal(value, wrong, { ...options, preview: false });
}
