import { EventEmitter } from 'node:events';
import { type OutputStream, Terminal } from '../../../src/cli/terminal.ts';

/** A stream that keeps what is written to it. */
export class CapturedStream extends EventEmitter implements OutputStream {
  readonly isTTY: boolean;
  readonly columns = 60;
  text = '';

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  write(text: string, done?: () => void): boolean {
    this.text += text;
    done?.();
    return true;
  }

  /** As a pipe does whose reader has gone: without a listener this would throw. */
  fail(error: Error): void {
    this.emit('error', error);
  }
}

export function capturedTerminal(streams: { out?: CapturedStream; err?: CapturedStream } = {}) {
  const { out = new CapturedStream(), err = new CapturedStream() } = streams;
  return { terminal: new Terminal(out, err), out, err };
}
