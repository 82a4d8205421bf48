import { afterAll, describe } from 'vitest';
import { type RunningRadosgw, radosgwMissing, startRadosgw } from '../support/radosgw.ts';
import { AS_DOCUMENTED } from './s3/server-under-test.ts';
import { s3ServerSuite } from './s3/suite.ts';

const missing = radosgwMissing();
const title = missing === undefined ? 'Ceph' : `Ceph (left out: ${missing})`;

describe.skipIf(missing !== undefined)(title, () => {
  let gateway: RunningRadosgw | undefined;
  s3ServerSuite('radosgw', async () => {
    gateway = await startRadosgw();
    return {
      ...gateway,
      // As of Ceph 16.
      features: {
        ...AS_DOCUMENTED,
        checksums: false,
        nonAsciiMetadata: false,
        errorMessages: false,
        completeTellsEtag: false,
        partsMayBeLeftOut: false,
        refusesPartsOutOfOrder: false,
        completeAfterAbort: '500 InternalError',
        refusesUnsignedHeaders: false,
        refusesEarlyUrls: false,
        verifiesService: false,
      },
    };
  });
  afterAll(async () => {
    await gateway?.stop();
  });
});
