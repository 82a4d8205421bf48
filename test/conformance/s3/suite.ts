import { afterAll, beforeAll, describe } from 'vitest';
import { accessCases } from './access-cases.ts';
import { listingCases } from './listing-cases.ts';
import { multipartCases } from './multipart-cases.ts';
import { objectCases } from './object-cases.ts';
import { presignedCases } from './presigned-cases.ts';
import { type S3Connection, ServerUnderTest } from './server-under-test.ts';
import { uploadCases } from './upload-cases.ts';

/**
 * What this package needs of an S3 server, asked through the AWS SDK, curl and hand-signed requests.
 * `connect` is called once; the suite works in a bucket of its own and removes it.
 */
export function s3ServerSuite(name: string, connect: () => Promise<S3Connection>): void {
  describe(name, () => {
    let server: ServerUnderTest | undefined;
    const current = (): ServerUnderTest => {
      if (!server) throw new Error('The server did not start.');
      return server;
    };
    beforeAll(async () => {
      server = new ServerUnderTest(await connect());
      await server.open();
    });
    afterAll(async () => {
      await server?.close();
    });
    uploadCases(current);
    multipartCases(current);
    objectCases(current);
    listingCases(current);
    presignedCases(current);
    accessCases(current);
  });
}
