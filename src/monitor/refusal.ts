import type { ErrorCode, RelytError } from '../errors.ts';
import { operationError } from '../operations/access.ts';

/** An error as the answer of the API. */
export interface ApiRefusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

const HTTP_STATUS: Partial<Record<ErrorCode, 400 | 403 | 404 | 503>> = {
  CONFIG_INVALID: 400,
  DATABASE_PERMISSION_DENIED: 403,
  TASK_NOT_FOUND: 404,
  DATABASE_UNREACHABLE: 503,
  DATABASE_AUTH_FAILED: 503,
  SCHEMA_MISSING: 503,
};

/** What went wrong, without secrets, and the HTTP status that fits. */
export function refusalOf(error: unknown): {
  refusal: ApiRefusal;
  status: 400 | 403 | 404 | 500 | 503;
} {
  const { code, message, hint }: RelytError = operationError(error, 'answer');
  return { refusal: { ok: false, code, message, hint }, status: HTTP_STATUS[code] ?? 500 };
}
