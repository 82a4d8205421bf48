import { expect, it, vi } from 'vitest';
import { normalizeS3Settings } from '../../../src/core/s3-settings.ts';

vi.mock('@aws-sdk/client-s3', () => {
  throw new Error('the SDK was loaded');
});

it('loads the SDK only when S3 is needed', async () => {
  const { S3ObjectStore } = await import('../../../src/staging/s3-object-store.ts');
  const raw = { endpoint: 'localhost:1', bucket_name: 'b0', access_key: 'a', secret_key: 's' };
  const store = new S3ObjectStore(normalizeS3Settings(raw, 'the test'));
  await expect(store.headObject('a')).rejects.toThrowError();
  store.close();
});
