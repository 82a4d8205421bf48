import { expect, it } from 'vitest';
import { normalizeS3Settings } from '../../../src/core/s3-settings.ts';
import { credentialSource } from '../../../src/staging/credential-source.ts';

const place = { endpoint: 's3.example.com', bucket_name: 'staging' };

it('gives the keys of the settings, and does not look for others', async () => {
  const keys = { access_key: 'AK', secret_key: 'sk', session_token: 'st' };
  const settings = normalizeS3Settings({ ...place, ...keys }, 'the test');
  const source = credentialSource(settings, () => Promise.reject(new Error('looked for others')));
  expect(await source.credentials()).toEqual({
    accessKeyId: 'AK',
    secretAccessKey: 'sk',
    sessionToken: 'st',
  });
  expect([...source.secrets].toSorted()).toEqual(['AK', 'sk', 'st']);
});

it('G7: remembers what was found, also before it was renewed', async () => {
  const found = [
    { accessKeyId: 'A1', secretAccessKey: 's1', sessionToken: 't1', expiration: new Date() },
    { accessKeyId: 'A2', secretAccessKey: 's2' },
  ].values();
  const chain = async () => found.next().value ?? Promise.reject(new Error('asked too often'));
  const source = credentialSource(normalizeS3Settings(place, 'the test'), chain);
  expect([...source.secrets]).toEqual([]);
  expect(await source.credentials()).toMatchObject({ accessKeyId: 'A1' });
  expect(await source.credentials()).toMatchObject({ accessKeyId: 'A2' });
  expect([...source.secrets].toSorted()).toEqual(['A1', 'A2', 's1', 's2', 't1']);
});
