/** A monitor of a test database. */

import http from 'node:http';
import { onTestFinished } from 'vitest';
import { type MonitorOptions, startMonitor } from '../../../src/monitor/start-monitor.ts';
import { ensureBuilt } from '../../support/build.ts';

/** What a request was answered. */
interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface TestMonitor {
  readonly url: string;
  /** Asks for a path; `Host` may be given, which `fetch` does not allow. */
  ask(path: string, options?: http.RequestOptions & { readonly body?: string }): Promise<Answer>;
  /** The JSON that the API says. */
  json<Said>(path: string): Promise<Said>;
}

/** Ends with the test. */
export async function monitorOn(url: string, options: MonitorOptions = {}): Promise<TestMonitor> {
  await ensureBuilt();
  const access = { postgresql: { connectionString: url } };
  const monitor = await startMonitor(access, { port: 0, ...options });
  onTestFinished(() => monitor.close());
  const ask: TestMonitor['ask'] = (path, given = {}) => request(new URL(path, monitor.url), given);
  return {
    url: monitor.url,
    ask,
    json: async (path) => JSON.parse((await ask(path)).text),
  };
}

function request(
  url: URL,
  { body, ...options }: http.RequestOptions & { readonly body?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
