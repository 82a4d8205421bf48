import type { Blob } from './blob-folder.ts';
import type { BucketFolder } from './bucket-folder.ts';
import type { ByteRange } from './byte-range.ts';
import type { BodyReceipt, BodySink } from './request-body.ts';
import type { RequestHead } from './request-head.ts';
import { S3Error } from './s3-error.ts';
import { parseXml, type XmlNode } from './xml.ts';

/** An authenticated request as the operations see it; only `request-handler.ts` touches the socket. */
export interface AuthenticatedRequest {
  readonly head: RequestHead;
  readonly now: Date;
  readonly region: string;
  /** Receives and verifies the body; see `receiveBody`. At most once. */
  receive(sink: BodySink): Promise<BodyReceipt>;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly xml?: string;
  readonly download?: Download;
}

/** Bytes to send as the body; the handler of the reply calls `release` when it is done with the blobs. */
export interface Download {
  readonly blobs: readonly Blob[];
  readonly range: ByteRange;
  release(): void;
}

export type Operation = (
  store: BucketFolder,
  request: AuthenticatedRequest,
) => Promise<Reply> | Reply;

/** Enough for 10,000 parts or 1000 keys of 1024 characters, all of them escaped. */
const MAX_XML_BYTES = 8 * 1024 * 1024;

/** The body of the request as XML, the root element of which must have the given name. */
export async function receiveXml(
  request: AuthenticatedRequest,
  rootName: string,
): Promise<XmlNode> {
  const pieces: Buffer[] = [];
  let size = 0;
  await request.receive((bytes) => {
    size += bytes.length;
    if (size > MAX_XML_BYTES) throw new S3Error('MalformedXML');
    pieces.push(bytes);
  });
  const root = parseXml(Buffer.concat(pieces).toString('utf8'));
  if (root.name !== rootName) throw new S3Error('MalformedXML');
  return root;
}

/** Receives a body into a new blob. Nothing is left of it when the body is refused. */
export async function receiveBlob(
  store: BucketFolder,
  request: AuthenticatedRequest,
): Promise<{ readonly blob: Blob; readonly receipt: BodyReceipt }> {
  const writer = await store.blobs.create();
  try {
    const receipt = await request.receive((bytes) => writer.write(bytes));
    return { blob: await writer.finish(), receipt };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}
