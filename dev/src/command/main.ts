#!/usr/bin/env node
/** The command `relyt-dev`. */

import { runCommand } from './run-command.ts';

// `relyt-dev | head -3` closes the pipe early; that must not end the servers.
process.stdout.on('error', () => {});
process.exitCode = await runCommand(process.argv.slice(2));
