// What CommonJS does with the package; see import.mjs.

const assert = require('node:assert/strict');
const { BulkProcessor, ERROR_CODES, RelytError } = require('relyt-sdk');

const password = 'hidden-in-every-error';
const nowhere = {
  host: '127.0.0.1',
  port: 1,
  username: 'me',
  password,
  database: 'app',
  table: 't',
};
assert
  .rejects(BulkProcessor.create({ postgresql: nowhere }), (error) => {
    assert.ok(error instanceof RelytError, String(error.stack));
    assert.ok(Object.hasOwn(ERROR_CODES, error.code));
    assert.ok(!String(error.stack).includes(password));
    return true;
  })
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
