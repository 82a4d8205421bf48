/** How a codec refuses a value, and how the value is described without copying it into an error. */

import { types } from 'node:util';
import { counted } from '../../core/figures.ts';
import { printable, shortText } from '../../core/short-text.ts';
import { LongArray } from '../long-array.ts';

const PREVIEW_LENGTH = 40;

export interface RefusalOptions {
  /** The description of the value, where the value itself is not available. */
  readonly kind?: string;
  readonly hint?: string;
  /** False where the value may be long or private text: only its kind and length are told then. */
  readonly preview?: boolean;
}

/** Thrown by codecs. Knows the value and what is wrong with it; record and column are added by the field that called. */
export class Refusal extends Error {
  readonly hint: string | undefined;
  /** What was got, without any part of the value. */
  readonly kind: string;
  #got: string;

  constructor(value: unknown, wrong: string, options: RefusalOptions = {}) {
    super(wrong);
    this.hint = options.hint;
    this.kind = options.kind ?? kindOf(value);
    this.#got = options.preview === false ? this.kind : withPreview(value, this.kind);
  }

  /** What was got and where, fit for the message. */
  get got(): string {
    return this.#got;
  }

  /** The same refusal, said of an element of an array. */
  inElement(index: number): this {
    this.#got = `element ${index}, ${this.#got},`;
    return this;
  }
}

/** The kind and size of a value: `string of 3 characters`, `Date`, `array of 2`. */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `string of ${counted(value.length, 'character')}`;
    case 'object':
      return value === null ? 'null' : kindOfObject(value);
    default:
      return typeof value;
  }
}

function kindOfObject(value: object): string {
  if (Array.isArray(value) || value instanceof LongArray) return `array of ${value.length}`;
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'invalid Date' : 'Date';
  const name = shortText(constructorName(value));
  if (ArrayBuffer.isView(value)) return `${name} of ${counted(value.byteLength, 'byte')}`;
  return name === 'Object' ? 'object' : `object (${name})`;
}

/** Getters and proxies of a hostile record must not replace the error that is being made. */
function constructorName(value: object): string {
  try {
    const name: unknown = value.constructor?.name;
    return typeof name === 'string' && name !== '' ? name : 'Object';
  } catch {
    return 'Object';
  }
}

function withPreview(value: unknown, kind: string): string {
  switch (typeof value) {
    case 'string':
      return value.length <= PREVIEW_LENGTH ? `string ${printable(value)}` : kind;
    case 'number':
    case 'boolean':
      return `${kind} ${Object.is(value, -0) ? '-0' : String(value)}`;
    case 'bigint':
      return `${kind} ${shortText(bigintPreview(value))}`;
    default:
      return kind;
  }
}

/** Decimal text of a huge bigint takes quadratic time, so only its size is told. */
function bigintPreview(value: bigint): string {
  const limit = 10n ** 40n;
  return value < limit && value > -limit ? String(value) : 'of more than 40 digits';
}
