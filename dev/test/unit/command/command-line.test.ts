import { describe, expect, it } from 'vitest';
import { HELP, readCommandLine } from '../../../src/command/command-line.ts';

describe('the command line', () => {
  it('has defaults for everything', () => {
    expect(readCommandLine([])).toEqual({
      pgPort: undefined,
      s3Port: undefined,
      dataDir: undefined,
      json: false,
      version: false,
      help: false,
    });
  });

  it('is read', () => {
    const args = ['--pg-port', '5433', '--s3-port=0', '--data-dir', 'data', '--json'];
    expect(readCommandLine(args)).toMatchObject({
      pgPort: 5433,
      s3Port: 0,
      dataDir: 'data',
      json: true,
    });
  });

  it.each([
    [['--pg-port', '65536'], '--pg-port needs a whole number from 0 to 65535'],
    [['--s3-port', 'any'], '--s3-port needs a whole number'],
    [['--s3-port', ''], '--s3-port needs a whole number'],
    [['--pg-port', '-1'], '--pg-port'],
    [['--data-dir'], '--data-dir'],
    [['--datadir', 'x'], '--datadir'],
    [['--json=yes'], '--json'],
    [['start'], 'start'],
  ])('G8: is refused, and it is said why: %j', (args, message) => {
    const read = () => readCommandLine(args);

    expect(read).toThrow(
      expect.objectContaining({
        code: 'DEV_OPTION_INVALID',
        message: expect.stringContaining(message),
        hint: 'See `relyt-dev --help`.',
      }),
    );
  });

  it('has every option in its help', () => {
    for (const option of ['--pg-port', '--s3-port', '--data-dir', '--json', '--version', '--help'])
      expect(HELP).toContain(option);
  });
});
