import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, constants, lstatSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { SmxError, type Log } from '@smx-edge/model';

const PATIENCE = 5000;
const LOOK = 20;
const AGAIN = 1000;

/** Bytes of answers that may wait for whoever asked. */
const LAG = 65_536;

export interface PtyOptions {
  readonly log: Log;
  /** What is sent to the device; where it is absent the line goes one way. */
  readonly onData?: (chunk: Uint8Array) => void;
}

/**
 * A pseudo-terminal at a path of its own, for readers that want a serial device. It is made by `socat`, which must be
 * installed: the simulator has no native parts. What nobody reads is lost, as on a serial line.
 */
export class Pty {
  private child: ChildProcess | undefined;
  private again: NodeJS.Timeout | undefined;
  private closed = false;
  /** The reader's own end, held open: a terminal that nobody has open hangs up. */
  private held: number | undefined;

  private constructor(
    readonly path: string,
    private readonly o: PtyOptions,
  ) {}

  /** Rejects SMX_SIMULATOR_ADDRESS. */
  static async open(path: string, options: PtyOptions): Promise<Pty> {
    const pty = new Pty(path, options);
    const failure = pty.start();
    const end = Date.now() + PATIENCE;
    while (!made(path)) {
      const failed = await Promise.race([failure, delay(LOOK, undefined)]);
      if (failed === undefined && Date.now() < end) continue;
      await pty.close();
      const why = failed ?? 'it did not appear in time';
      throw new SmxError('SMX_SIMULATOR_ADDRESS', `The simulator cannot make a pseudo-terminal at ${path}: ${why}`);
    }
    if (options.onData !== undefined) pty.held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
    return pty;
  }

  /** Bytes to whoever reads; dropped while those before them wait. */
  send(bytes: Uint8Array): void {
    const { child } = this;
    const most = this.o.onData === undefined ? 0 : LAG;
    if (child?.stdin?.writable !== true || child.stdin.writableLength > most) return;
    child.stdin.write(bytes);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.again);
    if (this.held !== undefined) closeSync(this.held);
    this.held = undefined;
    const { child } = this;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill();
    await ended;
  }

  /** Resolves with a reason where socat ends. */
  private start(): Promise<string> {
    const { log, onData } = this.o;
    const way = onData === undefined ? ['-u'] : [];
    const child = spawn('socat', [...way, '-', `pty,raw,echo=0,link=${this.path}`], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child = child;
    let said = '';
    child.stdin.on('error', (error) => log.debug('pty', { error: error.message }));
    child.stdout.on('data', (chunk: Buffer) => onData?.(chunk));
    child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-500)));
    return new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code === 'ENOENT' ? 'it needs socat; install the Debian package socat' : error.message),
      );
      child.once('exit', (code) => {
        resolve(said.trim() || `socat ended with ${code ?? 'a signal'}`);
        if (this.closed) return;
        log.warn('pseudo-terminal lost; made again', { path: this.path, reason: said.trim() });
        this.again = setTimeout(() => void this.start(), AGAIN);
      });
    });
  }
}

function made(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
