import { readFile, stat } from 'node:fs/promises';
import { RelytError } from '../../errors.ts';

/** @throws RelytError CONFIG_INVALID */
export async function readable(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RelytError('CONFIG_INVALID', `Could not read the TLS file ${file}: ${code}.`, {
      hint: 'Correct the path, or make the file readable for the user of this process.',
    });
  }
}

/** Undefined where there is no such file. @throws RelytError CONFIG_INVALID */
export async function existing(file: string): Promise<Buffer | undefined> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  return isThere ? readable(file) : undefined;
}
