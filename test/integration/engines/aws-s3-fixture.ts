/** The engine aws-s3 over an emulated extension, without the rest of the loader. */

import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CSV } from '../../../src/core/layout.ts';
import { normalizeS3Settings, type S3Settings } from '../../../src/core/s3-settings.ts';
import type { TargetTable } from '../../../src/core/target-table.ts';
import { readTargetTable } from '../../../src/database/catalogue.ts';
import { Database } from '../../../src/database/database.ts';
import type { Transaction } from '../../../src/database/session.ts';
import { AwsS3Engine } from '../../../src/engines/aws-s3.ts';
import type { ExternalFiles, StagedObject } from '../../../src/engines/engine.ts';
import type { AwsKeys } from '../../support/aws-s3-emulation.ts';
import { testS3Client } from '../../support/bucket.ts';
import { testStack } from '../../support/stack.ts';

export interface EngineChoice {
  /** Left out: the IAM role of the instance. */
  readonly keys?: AwsKeys | undefined;
  /** Given as the argument that only emulations have. */
  readonly endpointUrl?: string;
  /** Is Amazon's; true by default, since the emulation stands for Amazon's. */
  readonly isAws?: boolean;
}

export function stackKeys(): AwsKeys {
  const { accessKey, secretKey } = testStack().s3;
  return { accessKey, secretKey };
}

export function awsS3Engine({ keys, endpointUrl, isAws = true }: EngineChoice): AwsS3Engine {
  const { endpoint, region, bucket } = testStack().s3;
  const raw = {
    ...{ endpoint, region, bucket_name: bucket },
    ...{ access_key: keys?.accessKey, secret_key: keys?.secretKey },
    session_token: keys?.sessionToken,
  };
  const s3: S3Settings = { ...normalizeS3Settings(raw, 'the test'), isAws };
  const notAsked = () => Promise.reject(new Error('aws_s3 asks S3 itself'));
  const objects = {
    ...{ presignGet: notAsked, readObject: notAsked, headObject: notAsked },
    list: () => {
      throw new Error('aws_s3 asks S3 itself');
    },
  };
  return new AwsS3Engine({ s3, objects, options: { greenplum: {}, awsS3: { endpointUrl } } });
}

/** Stages one object as the loader does. */
export async function stage(
  key: string,
  lines: readonly string[],
  gzip = false,
): Promise<StagedObject> {
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const client = testS3Client();
  try {
    await client.send(
      new PutObjectCommand({
        ...{ Bucket: testStack().s3.bucket, Key: key },
        ...(gzip ? { Body: gzipSync(text), ContentEncoding: 'gzip' } : { Body: text }),
      }),
    );
    return { key, records: lines.length };
  } finally {
    client.destroy();
  }
}

export interface Opened {
  readonly source: string;
  readonly transaction: Transaction;
}

export interface Opening {
  readonly gzip?: boolean;
  readonly asText?: boolean;
}

/** A loader's connection, and a target `(id int, v text)`. */
export class OpenedFiles implements AsyncDisposable {
  readonly database: Database;
  readonly table: TargetTable;

  private constructor(database: Database, table: TargetTable) {
    this.database = database;
    this.table = table;
  }

  static async connect(url: string, table: string): Promise<OpenedFiles> {
    const options = { connections: 2, applicationName: 'relyt-sdk test' };
    const database = new Database({ connectionString: url }, options);
    try {
      const place = { schema: 'public', table };
      return new OpenedFiles(database, await readTargetTable(database, place));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.database.close();
  }

  /** What `look` sees in the transaction in which the engine has opened these files. */
  see<T>(
    engine: AwsS3Engine,
    files: readonly StagedObject[],
    look: (opened: Opened) => Promise<T>,
    { gzip = false, asText = false }: Opening = {},
  ): Promise<T> {
    const external: ExternalFiles = {
      ...{ name: 'test', table: this.table, columns: this.table.columns, files, gzip, asText },
      layout: CSV,
      ...{ timeLimitSeconds: 60, signal: new AbortController().signal },
    };
    return this.database.transaction(async (transaction) =>
      look({ transaction, source: await engine.open(transaction, external) }),
    );
  }

  /** The rows the engine brings in, without their ordinals. */
  rows(engine: AwsS3Engine, files: readonly StagedObject[], opening?: Opening): Promise<object[]> {
    const look = ({ transaction, source }: Opened) =>
      transaction.query({
        name: 'staged',
        text: `select id, v from ${source} order by "relyt ordinal"`,
      });
    return this.see(engine, files, look, opening);
  }
}
