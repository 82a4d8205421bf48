import { type Command, Option } from 'commander';
import { ENGINE_NAMES } from '../engines/profiles.ts';

/** `--engine`, for every command that loads or prepares. */
export function addEngineOption(command: Command): Command {
  return command.addOption(
    new Option('--engine <engine>', 'how the database reads staged files; see relyt engines')
      .choices(['auto', ...ENGINE_NAMES])
      .env('RELYT_ENGINE'),
  );
}
