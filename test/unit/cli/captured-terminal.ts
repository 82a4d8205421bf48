import { EventEmitter } from 'node:events';
import { type OutputStream, Terminal } from '../../../src/cli/terminal.ts';

/** A stream that keeps what is written to it. */
export class CapturedStream extends EventEmitter implements OutputStream {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor(isTTY = false, columns = 60) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
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

export interface Captured {
  readonly out?: CapturedStream;
  readonly err?: CapturedStream;
  /** Without colours, unless a test is about them. */
  readonly env?: Readonly<Record<string, string>>;
}

export function capturedTerminal(captured: Captured = {}) {
  const {
    out = new CapturedStream(),
    err = new CapturedStream(),
    env = { NO_COLOR: '1' },
  } = captured;
  return { terminal: new Terminal(out, err, env), out, err };
}
