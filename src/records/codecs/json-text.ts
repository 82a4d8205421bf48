/**
 * A JavaScript value as JSON text: JSON.stringify, but bigint keeps every digit, and what would be
 * changed or lost without a word (NaN, an invalid Date, a Map, a Promise, a function) is refused.
 */

import { types } from 'node:util';
import { jsonLoss } from './json-loss.ts';
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
    case 'undefined':
      return undefined;
    default:
      // A whole value of the kind is none; inside another one, JSON would drop it or write null.
      if (parents.length === 0 && given === value) return undefined;
      return refuse(value, `holds a ${typeof value}, which JSON would leave out`, {
        hint: 'Leave it out of the value, or convert it first.',
      });
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
  // First of all the two kinds that nearly every object is of: nothing else about them costs anything.
  const isArray = Array.isArray(value);
  if (!isArray && !isPlain(value)) {
    if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value))
      return written(value.valueOf(), '', parents) ?? 'null';
    const loss = jsonLoss(value);
    if (loss !== undefined) refuse(value, loss.wrong, { hint: loss.hint });
  }
  if (parents.includes(value)) refuse(value, 'refers to itself');
  parents.push(value);
  const text = isArray ? arrayJson(value, parents) : membersJson(value, parents);
  parents.pop();
  return text;
}

/** From this realm or another one: the prototype of all objects is the one that has none itself. */
function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
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
