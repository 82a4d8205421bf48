#!/usr/bin/env node
/** The command `relyt`. */

import { runCli } from './cli.ts';
import { Terminal } from './terminal.ts';

// The AWS SDK warns about the version of Node; the user of a command cannot act on it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// Not awaited here: as CommonJS, which starts sooner, this file has no `await` of its own.
void runCli(process.argv.slice(2), new Terminal()).then((exitCode) => {
  process.exitCode = exitCode;
});
