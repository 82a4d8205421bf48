/** Child process of the memory benchmark: loads a number of records and prints its peak memory as JSON. */
import { BulkProcessor } from '../src/bulk-processor.ts';
import { benchStream } from './records.ts';

const [databaseUrl = '', count = '0'] = process.argv.slice(2);
const processor = await BulkProcessor.create({
  postgresql: { connectionString: databaseUrl, table: 'bench' },
  concurrency: 2,
  onConflict: 'error',
});
await processor.insert(benchStream(Number(count)));
await processor.shutdown();
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ records: Number(count), peakBytes })}\n`);
