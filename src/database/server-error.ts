import pg from 'pg';

/** What the server itself answered, by whichever copy of node-postgres: a caller's client may come from another one. */
export function isServerError(error: unknown): error is pg.DatabaseError {
  if (error instanceof pg.DatabaseError) return true;
  if (!(error instanceof Error)) return false;
  const { severity, code } = error as { readonly severity?: unknown; readonly code?: unknown };
  return typeof severity === 'string' && typeof code === 'string';
}
