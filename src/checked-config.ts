/** What a schema says is wrong with a configuration, in words for the one who wrote it. */

import { z } from 'zod';
import { nearestName } from './core/nearest-name.ts';
import { redact } from './core/redaction.ts';
import { RelytError } from './errors.ts';

/**
 * The configuration with its defaults.
 * @throws RelytError CONFIG_INVALID naming every wrong setting; values are never quoted, they may be secrets.
 */
export function checkedConfig<S extends z.ZodType>(schema: S, config: z.input<S>): z.output<S> {
  const result = schema.safeParse(config);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => problemOf(schema, issue));
  throw new RelytError(
    'CONFIG_INVALID',
    `the configuration is not valid: ${redact(problems.join('; '))}`,
  );
}

function problemOf(schema: z.ZodType, issue: z.core.$ZodIssue): string {
  const place = issue.path.join('.') || 'config';
  if (issue.code !== 'unrecognized_keys') return `${place}: ${issue.message}`;
  const known = settingsAt(schema, issue.path);
  const keys = issue.keys.map((key) => {
    const nearest = nearestName(key, known);
    return nearest === undefined ? `"${key}"` : `"${key}" (did you mean "${nearest}"?)`;
  });
  return `${place}: there is no setting ${keys.join(', ')}`;
}

/** Names of the settings in the object at this path; none where there is no such object. */
function settingsAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let shape = shapeOf(schema);
  for (const step of path) shape = shapeOf(shape[String(step)]);
  return Object.keys(shape);
}

function shapeOf(schema: z.core.$ZodType | undefined): Readonly<Record<string, z.core.$ZodType>> {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return shapeOf(schema.unwrap());
  return schema instanceof z.ZodObject ? schema.shape : {};
}
