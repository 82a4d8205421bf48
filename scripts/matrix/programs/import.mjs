// What an ES module does with the package: a load that finds no database, so that everything of a load is found and read.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { BulkProcessor, RelytError } from 'relyt-sdk';

const required = createRequire(import.meta.url)('relyt-sdk');
assert.equal(required.RelytError, RelytError);
assert.equal(required.BulkProcessor, BulkProcessor);

const password = 'hidden-in-every-error';
// Nothing listens on this port.
const nowhere = {
  host: '127.0.0.1',
  port: 1,
  username: 'me',
  password,
  database: 'app',
  table: 't',
};
await assert.rejects(BulkProcessor.create({ postgresql: nowhere }), (error) => {
  assert.ok(error instanceof RelytError, String(error.stack));
  assert.equal(error.code, 'DATABASE_UNREACHABLE');
  assert.ok(!String(error.stack).includes(password));
  return true;
});
