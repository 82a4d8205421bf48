/**
 * A JavaScript value as JSON text: JSON.stringify, but bigint keeps every digit, and what would be
 * changed or lost silently (NaN, an invalid Date, a Map, a Promise, a function) is refused.
 */

import { types } from 'node:util';
import { PIECE_LENGTH, textWindows } from '../../core/text-windows.ts';
import type { Overflow } from './codec.ts';
import { jsonLoss } from './json-loss.ts';
import { Refusal } from './refusal.ts';

/**
 * Undefined where JSON has no form for the value: functions, symbols and undefined.
 * @param overflow takes the beginning of a long text; the rest is returned
 */
export function jsonText(value: unknown, overflow?: Overflow): string | undefined {
  const writer = new JsonWriter(overflow);
  return writer.write(value, '', '') ? writer.rest : undefined;
}

class JsonWriter {
  rest = '';
  readonly #overflow: Overflow | undefined;
  readonly #parents: object[] = [];

  constructor(overflow: Overflow | undefined) {
    this.#overflow = overflow;
  }

  /** Writes a value, `before` in front of it; nothing, and false, where JSON has no form for it. */
  write(given: unknown, key: string, before: string): boolean {
    const value = withToJson(given, key);
    switch (typeof value) {
      case 'string':
        this.#addString(before, value);
        return true;
      case 'number':
        this.#add(before + numberJson(value));
        return true;
      case 'bigint':
      case 'boolean':
        this.#add(before + String(value));
        return true;
      case 'object':
        if (value === null) this.#add(`${before}null`);
        else this.#writeObject(value, before);
        return true;
      case 'undefined':
        return false;
      default:
        // A whole value of the kind is none; inside another one, JSON would drop it or write null.
        if (this.#parents.length === 0 && given === value) return false;
        return refuse(value, `holds a ${typeof value}, which JSON would leave out`, {
          hint: 'Leave it out of the value, or convert it first.',
        });
    }
  }

  #writeObject(value: object, before: string): void {
    // First the two kinds of nearly every object: nothing else about them costs anything.
    const isArray = Array.isArray(value);
    if (!isArray && !isPlain(value)) {
      if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value)) {
        if (!this.write(value.valueOf(), '', before)) this.#add(`${before}null`);
        return;
      }
      const loss = jsonLoss(value);
      if (loss !== undefined) refuse(value, loss.wrong, { hint: loss.hint });
    }
    const parents = this.#parents;
    if (parents.includes(value)) refuse(value, 'refers to itself');
    parents.push(value);
    if (isArray) this.#writeArray(value, before);
    else this.#writeMembers(value, before);
    parents.pop();
  }

  #writeArray(values: readonly unknown[], before: string): void {
    this.#add(`${before}[`);
    for (let i = 0; i < values.length; i += 1) {
      const comma = i === 0 ? '' : ',';
      if (!this.write(values[i], String(i), comma)) this.#add(`${comma}null`);
    }
    this.#add(']');
  }

  #writeMembers(value: object, before: string): void {
    this.#add(`${before}{`);
    let comma = '';
    for (const key of Object.keys(value)) {
      const member = (value as Readonly<Record<string, unknown>>)[key];
      if (this.write(member, key, `${comma}${JSON.stringify(key)}:`)) comma = ',';
    }
    this.#add('}');
  }

  #addString(before: string, text: string): void {
    if (this.#overflow === undefined || text.length <= PIECE_LENGTH) {
      this.#add(before + JSON.stringify(text));
      return;
    }
    this.#add(`${before}"`);
    for (const window of textWindows(text)) this.#add(JSON.stringify(window).slice(1, -1));
    this.#add('"');
  }

  #add(text: string): void {
    this.rest += text;
    if (this.#overflow === undefined || this.rest.length < PIECE_LENGTH) return;
    this.#overflow.add(this.rest);
    this.rest = '';
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

/** From this realm or another one: the prototype of all objects is the one that has none itself. */
function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

function refuse(value: unknown, wrong: string, options: { readonly hint?: string } = {}): never {
  throw new Refusal(value, wrong, { ...options, preview: false });
}
