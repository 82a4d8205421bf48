/** Steps in the words of OpenTelemetry's semantic conventions, and in `relyt.…` where these have none. */

import type { Attributes } from '@opentelemetry/api';
import type { StepMessage } from '../diagnostics/messages.ts';

/** An operation of the database on a table. */
export function ofOperation(operation: string, table: string): Attributes {
  return {
    'db.system.name': 'postgresql',
    'db.operation.name': operation,
    'db.collection.name': table,
  };
}

/** Empty for a step that did not fail. */
export function ofError({ error }: Pick<StepMessage, 'error'>): Attributes {
  if (error === undefined) return {};
  const { sqlstate } = error.details;
  return {
    'error.type': error.code,
    ...(sqlstate === undefined ? {} : { 'db.response.status_code': sqlstate }),
  };
}
