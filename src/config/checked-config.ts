/** What a schema says is wrong with given settings, in words for the one who wrote them. */

import { z } from 'zod';
import { nearestName } from '../core/nearest-name.ts';
import { redact } from '../core/redaction.ts';
import { sentence } from '../core/sentence.ts';
import { shortText } from '../core/short-text.ts';
import { RelytError } from '../errors.ts';

/**
 * Settings of which a message may quote the value, and what it must be: `wanted` completes "Give …". All others may
 * be secrets, and no value of theirs is ever shown (G7).
 */
export const quotable = z.registry<{ readonly wanted: string }>();

/** Something that is wrong with the settings. */
export interface Problem {
  /** Path of the setting; '' for all of them. */
  readonly place: string;
  readonly message: string;
  /** There are no such settings; otherwise the setting has a value that it must not have. */
  readonly unknown?: UnknownSettings;
  readonly quoted?: QuotedSetting | undefined;
}

interface UnknownSettings {
  readonly names: readonly { readonly name: string; readonly nearest: string | undefined }[];
  /** All that there are. */
  readonly known: readonly string[];
}

interface QuotedSetting {
  readonly setting: string;
  /** Undefined when it is missing. */
  readonly value: string | undefined;
  readonly wanted: string;
}

/**
 * The settings with their defaults.
 * @throws what `refusal` makes of the problems, of which there is at least one
 */
export function checked<S extends z.ZodType>(
  schema: S,
  given: z.input<S>,
  refusal: (problems: readonly Problem[]) => RelytError,
): z.output<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw refusal(result.error.issues.map((issue) => problemOf(schema, given, issue)));
}

/**
 * The configuration with its defaults.
 * @throws RelytError CONFIG_INVALID naming every wrong setting; values are never quoted, they may be secrets.
 */
export function checkedConfig<S extends z.ZodType>(schema: S, config: z.input<S>): z.output<S> {
  return checked(schema, config, (problems) => {
    const all = problems.map(sentenceOf).join('; ');
    return new RelytError(
      'CONFIG_INVALID',
      sentence(`The configuration is not valid: ${redact(all)}`),
    );
  });
}

function sentenceOf({ place, message, unknown }: Problem): string {
  const where = place || 'config';
  if (unknown === undefined) return `${where}: ${message}`;
  const names = unknown.names.map(({ name, nearest }) =>
    nearest === undefined ? `"${name}"` : `"${name}" (did you mean "${nearest}"?)`,
  );
  return `${where}: there is no setting ${names.join(', ')}`;
}

function problemOf(schema: z.ZodType, given: unknown, issue: z.core.$ZodIssue): Problem {
  const { path, message } = issue;
  const problem = { place: path.join('.'), message };
  if (issue.code !== 'unrecognized_keys')
    return { ...problem, quoted: quotedAt(schema, given, path) };
  const known = Object.keys(path.reduce(innerShape, shapeOf(schema)));
  const names = issue.keys.map((name) => ({ name, nearest: nearestName(name, known) }));
  return { ...problem, unknown: { names, known } };
}

/** The quotable setting that a path leads to or into; undefined where there is none. */
function quotedAt(
  schema: z.ZodType,
  given: unknown,
  path: readonly PropertyKey[],
): QuotedSetting | undefined {
  let shape = shapeOf(schema);
  let value = given;
  for (const [depth, step] of path.entries()) {
    const inner = shape[String(step)];
    value = (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[step];
    const note = inner && quotable.get(inner);
    if (note !== undefined) {
      const shown = value === undefined ? undefined : shownValue(value);
      return { setting: path.slice(0, depth + 1).join('.'), value: shown, wanted: note.wanted };
    }
    shape = shapeOf(inner);
  }
  return undefined;
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;

function innerShape(shape: Shape, step: PropertyKey): Shape {
  return shapeOf(shape[String(step)]);
}

/** The settings of an object; none where the schema is of something else. */
function shapeOf(schema: z.core.$ZodType | undefined): Shape {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return shapeOf(schema.unwrap());
  return schema instanceof z.ZodObject ? schema.shape : {};
}

/** A string is quoted: '5' is not a number. */
function shownValue(value: unknown): string {
  if (typeof value === 'string') return `"${shortText(value)}"`;
  const isPlain = value === null || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? String(value) : Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}
