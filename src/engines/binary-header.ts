/** What binary COPY begins with: a signature, then no flags and no extension, four bytes each. */
export const BINARY_HEADER = Buffer.concat([
  Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'),
  Buffer.alloc(8),
]);
