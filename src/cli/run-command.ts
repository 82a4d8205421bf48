import type { ExitCode } from './exit-code.ts';

/** Runs the work of a command. The work may throw; its result becomes the exit code. */
export type RunCommand = (work: () => Promise<ExitCode>) => Promise<void>;
