/** An HTTP proxy in front of the S3 server that answers some requests itself, badly. */

import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request; nothing bad when undefined. */
export type S3Fault =
  /** The proxy answers itself; the server never hears of it. */
  | {
      readonly status: number;
      readonly headers?: http.OutgoingHttpHeaders;
      readonly body?: Buffer | string;
    }
  /** One bit of the body, at this place, arrives as another. */
  | { readonly flipBitAt: number }
  /** The answer is cut after so many bytes: with 0 the request took effect and its answer is lost. */
  | { readonly cutAfterBytes: number }
  /** The connection is closed at once. */
  | { readonly refuse: true }
  /** No answer ever comes. */
  | { readonly hang: true }
  | undefined;

interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
}

export type FaultOf = (request: ProxiedRequest) => S3Fault;

export class S3Proxy implements AsyncDisposable {
  readonly endpoint: string;
  /** Requests that met a fault. */
  faults = 0;
  /** Decides about every request; passes all of them at first. */
  faultOf: FaultOf = () => undefined;
  readonly #server: http.Server;

  private constructor(server: http.Server, target: URL) {
    this.#server = server;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => this.#answer(request, response, target));
  }

  static async start(endpoint: string): Promise<S3Proxy> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new S3Proxy(server, new URL(endpoint));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse, target: URL): void {
    const { method = 'GET', url: path = '/', headers } = request;
    const fault = this.faultOf({ method, path, headers });
    if (fault !== undefined) this.faults++;
    if (fault !== undefined && !('cutAfterBytes' in fault || 'flipBitAt' in fault)) {
      request.resume();
      if ('status' in fault) answerWith(response, fault);
      else if ('refuse' in fault) request.socket.destroy();
      return;
    }
    // The Host header is part of the signature, so it goes on as the client wrote it.
    const { hostname: host, port } = target;
    const onward = http.request({ host, port, method, path, headers }, (answer) => {
      const cut = fault !== undefined && 'cutAfterBytes' in fault ? fault.cutAfterBytes : undefined;
      if (cut !== 0) response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      if (fault !== undefined && 'flipBitAt' in fault) flipBit(answer, response, fault.flipBitAt);
      else if (cut === undefined) answer.pipe(response);
      else if (cut === 0) answer.resume().on('end', () => request.socket.destroy());
      else cutAfter(answer, response, cut);
    });
    onward.on('error', () => response.destroy());
    request.on('error', () => onward.destroy());
    request.pipe(onward);
  }
}

function answerWith(
  response: http.ServerResponse,
  { status, headers, body = '' }: Extract<S3Fault, { readonly status: number }>,
) {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-length': length, ...headers }).end(body);
}

function flipBit(answer: http.IncomingMessage, response: http.ServerResponse, at: number) {
  let passed = 0;
  answer.on('data', (chunk: Buffer) => {
    const changed = Buffer.from(chunk);
    const place = at - passed;
    if (place >= 0 && place < changed.length) changed[place] = (changed[place] ?? 0) ^ 1;
    passed += chunk.length;
    response.write(changed);
  });
  answer.on('end', () => response.end());
}

function cutAfter(answer: http.IncomingMessage, response: http.ServerResponse, limit: number) {
  let left = limit;
  answer.on('data', (chunk: Buffer) => {
    if (left <= 0) return;
    const part = chunk.subarray(0, left);
    left -= part.length;
    response.write(part, () => {
      if (left <= 0) response.destroy();
    });
  });
  answer.on('end', () => response.destroy());
}
