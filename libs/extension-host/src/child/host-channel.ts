import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import { SmxError } from '@smx-edge/model';
import type { Channel } from '@smx-edge/extension-api/runtime';
import { LineSplitter, MAX_MESSAGE_BYTES, type ToChild, type ToHost } from '@smx-edge/extension-api/wire';

const CONGESTED_BYTES = 64 * 1024;
/** Bytes of samples that are written at once, where one turn gives so many. */
const TOGETHER_BYTES = 8 * 1024;
/** What is read at once. */
const READ = 16 * 1024;

/** The socket to the host that the process was born with (fd 3), one JSON array per line. */
export class HostChannel implements Channel {
  private readonly socket: Socket;
  private readonly splitter = new LineSplitter(Number.MAX_SAFE_INTEGER);
  private readonly drains: (() => void)[] = [];
  private receive: (message: ToChild) => void = () => {};
  private stop: () => void = () => {};
  private behind = false;
  /** Samples of this turn wait for its end. */
  private holding = false;
  private lostLogs = 0;

  /** `gone` is called once when the host has closed its end. */
  constructor(gone: () => void) {
    // one buffer for all reads, so that what is said each second costs no stream; the types know it of connect() alone
    const options: SocketConstructorOpts & Pick<ConnectOpts, 'onread'> = {
      ...{ fd: 3, readable: true, writable: true },
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ),
        callback: (length, buffer) => {
          this.take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    };
    this.socket = new Socket(options);
    this.socket.on('error', () => this.socket.destroy());
    this.socket.on('close', gone);
    this.socket.on('drain', () => {
      this.behind = false;
      for (const fn of this.drains) fn();
      if (this.lostLogs > 0) {
        const n = this.lostLogs;
        this.lostLogs = 0;
        this.send(['log', 'warn', `${n} log lines were dropped: more than the box takes`, null]);
      }
    });
  }

  get congested(): boolean {
    return this.behind;
  }

  onDrain(fn: () => void): void {
    this.drains.push(fn);
  }

  onMessage(fn: (message: ToChild) => void): void {
    this.receive = fn;
  }

  /** The process as a whole is told to stop. */
  onStop(fn: () => void): void {
    this.stop = fn;
  }

  send(message: ToHost): void {
    if (this.socket.destroyed) return;
    if (this.behind && message[0] === 'log') {
      this.lostLogs++;
      return;
    }
    const text = `${JSON.stringify(message)}\n`;
    // the host would end the process for it
    if (text.length * 3 > MAX_MESSAGE_BYTES && Buffer.byteLength(text) > MAX_MESSAGE_BYTES)
      throw new SmxError('SMX_EXTENSION_LIMIT', `What is sent at once has at most ${MAX_MESSAGE_BYTES} bytes`);
    // nothing else waits: it may be the last word before a crash
    if (message[0] === 's') this.hold();
    else this.release();
    this.socket.write(text);
    if (this.socket.writableLength > TOGETHER_BYTES) this.release();
    if (this.socket.writableLength > CONGESTED_BYTES) this.behind = true;
  }

  /** One write for the samples of a turn: each of its own costs more than all the rest that is done for them. */
  private hold(): void {
    if (this.holding) return;
    this.holding = true;
    this.socket.cork();
    process.nextTick(this.release);
  }

  private readonly release = (): void => {
    if (!this.holding) return;
    this.holding = false;
    this.socket.uncork();
  };

  private take(chunk: Buffer): void {
    this.splitter.push(chunk, (text) => {
      const message = JSON.parse(text) as ToChild;
      if (message[0] === 'stop') this.stop();
      else this.receive(message);
    });
  }

  /** Calls `fn` once the host has taken all that was sent: what it says to one that left meanwhile would cost it the rest. */
  end(fn: () => void): void {
    if (this.socket.closed) fn();
    this.socket.once('close', fn);
    this.socket.end();
  }
}
