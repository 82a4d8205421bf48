import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, type Identity } from './authentication.ts';
import type { BucketFolder } from './bucket-folder.ts';
import { sendDownload } from './download.ts';
import type { Reply } from './operation.ts';
import { type BodyReceipt, type BodySink, readBodyPromise, receiveBody } from './request-body.ts';
import { readRequestHead } from './request-head.ts';
import { chooseOperation } from './request-router.ts';
import { S3Error } from './s3-error.ts';
import { type XmlElement, xmlErrorDocument } from './xml.ts';

export interface HandlerOptions {
  readonly store: BucketFolder;
  readonly identity: Identity;
  readonly now: () => Date;
  /** Notified of faults behind an answer InternalError, which itself says nothing. */
  readonly onFault: (fault: unknown) => void;
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** The client waits for 100 Continue before it sends the body. */
  continueExpected: boolean;
}

/** How long, and for how many bytes, a refused body is still read: see `linger`. */
const LINGER_MS = 2000;
const LINGER_BYTES = 64 * 1024 * 1024;

/** Answers one request; never rejects. */
export async function handleRequest(
  options: HandlerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
  continueExpected: boolean,
): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const exchange = { incoming, response, requestId, continueExpected };
  // A write that comes after the client has gone emits it; without a listener it would end the process.
  response.on('error', () => undefined);
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('server', 'relyt-dev-s3');
  // Clients correct their clock by it, so it must tell the same time as the refusals do.
  response.setHeader('date', options.now().toUTCString());
  try {
    const reply = await perform(options, exchange);
    await send(options.store, exchange, reply);
  } catch (error) {
    if (!(error instanceof S3Error) && !incoming.errored) options.onFault(error);
    await refuse(exchange, error).catch(() => response.destroy());
  }
}

async function perform(options: HandlerOptions, exchange: Exchange): Promise<Reply> {
  const head = readRequestHead(exchange.incoming);
  const authentication = authenticate(head, options.identity, options.now());
  return chooseOperation(head)(options.store, {
    head,
    now: options.now(),
    region: options.identity.region,
    receive: (sink) => receive(exchange, () => readBodyPromise(head, authentication), sink),
  });
}

async function receive(
  exchange: Exchange,
  promise: () => ReturnType<typeof readBodyPromise>,
  sink: BodySink,
): Promise<BodyReceipt> {
  const promised = promise();
  if (exchange.continueExpected) {
    exchange.continueExpected = false;
    exchange.response.writeContinue();
  }
  return receiveBody(exchange.incoming, promised, sink);
}

async function send(store: BucketFolder, exchange: Exchange, reply: Reply): Promise<void> {
  const { response, incoming } = exchange;
  const { download, xml } = reply;
  if (exchange.continueExpected) response.setHeader('connection', 'close');
  try {
    response.writeHead(reply.status, { ...xmlHeaders(xml), ...bodyless(reply), ...reply.headers });
    if (incoming.method !== 'HEAD' && xml !== undefined) response.write(xml);
    if (download) await sendDownload(response, store.blobs, download);
    response.end();
  } finally {
    download?.release();
  }
}

function xmlHeaders(xml: string | undefined): Record<string, string> {
  if (xml === undefined) return {};
  return { 'content-type': 'application/xml', 'content-length': String(Buffer.byteLength(xml)) };
}

function bodyless(reply: Reply): Record<string, string> {
  const noLength = reply.status === 204 || reply.status === 304 || reply.xml !== undefined;
  return noLength ? {} : { 'content-length': '0' };
}

async function refuse(exchange: Exchange, error: unknown): Promise<void> {
  const { incoming, response, requestId } = exchange;
  // In the middle of a download, or without a client, nothing can receive the error any more.
  if (response.headersSent || response.destroyed || incoming.errored) {
    response.destroy();
    return;
  }
  const refusal =
    error instanceof S3Error ? error : new S3Error('InternalError', undefined, {}, error);
  const fields: XmlElement[] = [
    ['Code', refusal.code],
    ['Message', refusal.message],
    ...Object.entries(refusal.fields),
    ['Resource', (incoming.url ?? '').replace(/\?.*$/s, '')],
    ['RequestId', requestId],
  ];
  const xml = xmlErrorDocument(fields);
  const bodyUnread = !incoming.complete;
  if (bodyUnread) response.setHeader('connection', 'close');
  response.writeHead(refusal.status, xmlHeaders(xml));
  if (incoming.method !== 'HEAD') response.write(xml);
  if (bodyUnread && !exchange.continueExpected) await linger(incoming);
  response.end();
}

/**
 * Reads on for a while after the answer is written. Closing a socket with unread bytes resets it, and
 * the reset would overtake the answer: the client would see a broken pipe instead of the reason.
 */
function linger(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    let left = LINGER_BYTES;
    incoming.on('data', (bytes: Buffer) => {
      left -= bytes.length;
      if (left <= 0) done();
    });
    incoming.once('end', done).once('close', done).once('error', done);
    incoming.resume();
  });
}
