import os from 'node:os';
import path from 'node:path';

/** Where libpq looks for a file of the user that no setting names. */
export function homeFile(
  name: 'root.crt' | 'root.crl' | 'postgresql.crt' | 'postgresql.key',
): string {
  const { APPDATA } = process.env;
  return process.platform === 'win32' && APPDATA
    ? path.join(APPDATA, 'postgresql', name)
    : path.join(homeFolder(), '.postgresql', name);
}

/** The user's service file or password file. */
export function dotFile(name: '.pg_service.conf' | '.pgpass'): string {
  const { APPDATA } = process.env;
  if (process.platform !== 'win32' || !APPDATA) return path.join(homeFolder(), name);
  return path.join(APPDATA, 'postgresql', name === '.pgpass' ? 'pgpass.conf' : name);
}

/** A user without a home has no files there: never the working folder, where another user may have put some. */
function homeFolder(): string {
  try {
    return os.homedir();
  } catch {
    return path.parse(process.cwd()).root;
  }
}
