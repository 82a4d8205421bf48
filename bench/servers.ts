import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../dist/bundle/cli/main.cjs', import.meta.url));

export interface BenchServers {
  readonly databaseUrl: string;
  /** The S3 server is this process, and the database its child. */
  readonly processId: number;
  stop(): Promise<void>;
}

/** `relyt dev` in a process of its own: neither server shares a thread with what is measured. */
export async function startServers(): Promise<BenchServers> {
  const child = spawn(process.execPath, [CLI, 'dev', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const databaseUrl = await readUrl(child);
  return {
    databaseUrl,
    processId: child.pid ?? 0,
    async stop() {
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}

async function readUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('relyt dev has no output');
  let text = '';
  for await (const line of createInterface({ input: child.stdout })) {
    text += line;
    const found = /"(?:databaseUrl|url)"\s*:\s*"(postgres[^"]+)"/.exec(text);
    if (found?.[1] !== undefined) return found[1];
  }
  throw new Error(`relyt dev ended: ${text}`);
}
