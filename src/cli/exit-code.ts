/** The exit codes of the command. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Everything went well but some records were rejected, as `--max-errors` allowed. */
  rejected: 3,
} as const;

/** Of a process that a second signal ended at once, as shells count: 128 and the number of the signal. */
export const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: { readonly code: string }): ExitCode {
  return error.code === 'CONFIG_INVALID' ? EXIT.usage : EXIT.failed;
}
