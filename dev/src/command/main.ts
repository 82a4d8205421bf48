#!/usr/bin/env node
/** The command `relyt-dev`. */

import { relytDev } from './relyt-dev.ts';

// `relyt-dev | head -3` closes the pipe early; that must not end the servers.
process.stdout.on('error', () => {});
process.exitCode = await relytDev(process.argv.slice(2));
