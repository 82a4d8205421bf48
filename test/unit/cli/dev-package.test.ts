// `relyt dev` knows the package relyt-dev by its shape only: it fits, and its errors are shown as they are.

import { RelytDevError, startStack } from 'relyt-dev';
import { describe, expect, it } from 'vitest';
import { type DevPackage, isDevError } from '../../../src/cli/dev-package.ts';
import { reportError } from '../../../src/cli/report-error.ts';
import { Terminal } from '../../../src/cli/terminal.ts';

const ERROR = new RelytDevError('DEV_SERVER_UNAVAILABLE', 'Port 5432 is taken.', {
  hint: 'Choose another port.',
});

class Written {
  text = '';
  write(text: string): boolean {
    this.text += text;
    return true;
  }
  on(): void {}
}

function report(thrown: unknown, json: boolean) {
  const [out, err] = [new Written(), new Written()];
  const exitCode = reportError(new Terminal(out, err), thrown, { json });
  return { exitCode, out: out.text, err: err.text };
}

describe('the package relyt-dev', () => {
  it('has the shape that is expected of it', () => {
    // The compiler is what tests this.
    const fits: DevPackage = { startStack };

    expect(fits.startStack).toBeTypeOf('function');
  });

  it('G8: has errors whose code and hint reach a person', () => {
    expect(report(ERROR, false)).toEqual({
      exitCode: 1,
      out: '',
      err: 'relyt: Port 5432 is taken.\n  hint: Choose another port.\n  code: DEV_SERVER_UNAVAILABLE\n',
    });
  });

  it('G8: has errors whose code and hint reach a program', () => {
    const { exitCode, out } = report(ERROR, true);

    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      code: 'DEV_SERVER_UNAVAILABLE',
      message: 'Port 5432 is taken.',
      hint: 'Choose another port.',
    });
  });

  it('G7: has errors that are shown without the password in a URL', () => {
    const url = 'postgresql://postgres:hunter2-hunter2@127.0.0.1:5432/postgres';
    const error = new RelytDevError('DEV_SERVER_UNAVAILABLE', `No answer from ${url}.`, {
      hint: `Try ${url}.`,
    });

    const { err } = report(error, false);

    expect(err).toContain('No answer from');
    expect(err).not.toContain('hunter2');
  });

  it('is not taken for a database whose errors have code and hint as well', () => {
    const error = Object.assign(new Error('no'), { code: '42501', hint: 'GRANT it' });

    expect(isDevError(error)).toBe(false);
    expect(isDevError(ERROR)).toBe(true);
  });
});
