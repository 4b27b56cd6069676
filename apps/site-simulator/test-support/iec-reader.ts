import type { Clock, Disposable } from '@smx-edge/model';
import { IecClient, type ClientOptions, type ClientStep, type Reading } from '@smx-edge/protocols/iec62056-21';

/** The line of a reader, which tells when it has done what was asked. */
interface ReaderLine {
  /** `done` once the bytes have left the line. */
  write(bytes: Uint8Array, done: () => void): void;
  speed(baud: number, done: () => void): void;
}

export interface ReaderOptions extends ClientOptions {
  readonly line: ReaderLine;
  readonly clock: Clock;
  /** ms without a byte after which the meter is thought to be silent. */
  readonly silence: number;
}

/** Steps after which a reader waits for whoever told it to read. */
const ENDS: readonly ClientStep['kind'][] = ['ready', 'data', 'failed', 'ended', 'fault'];

/** Does on a line what a client of IEC 62056-21 says, step by step, and keeps what came of it. */
export class IecReader {
  /** All but what was sent. */
  readonly seen: ClientStep[] = [];
  readonly sent: Uint8Array[] = [];
  private readonly client: IecClient;
  private readonly todo: ClientStep[] = [];
  private isBusy = false;
  /** When the first byte of what was sent last went out. */
  private sentAt = 0;
  private through: () => void = () => {};
  private still: Disposable | undefined;

  constructor(private readonly o: ReaderOptions) {
    this.client = new IecClient(o);
  }

  /** Begins at the speed at which every conversation does. */
  open(): void {
    this.todo.push({ kind: 'speed', baud: this.client.firstBaud });
    this.perform(this.client.open());
  }

  read(command: Reading, data: string): void {
    this.perform(this.client.read(command, data));
  }

  close(): void {
    this.perform(this.client.close());
  }

  receive(chunk: Uint8Array): void {
    this.perform(this.client.receive(chunk));
  }

  /** Resolves where it is next through with what it is told. */
  whenThrough(): Promise<void> {
    return new Promise((resolve) => (this.through = resolve));
  }

  /** Whether it is through with what it was told last: `from` is how much it had seen then. */
  isThrough(from: number): boolean {
    return this.seen.slice(from).some(({ kind }) => ENDS.includes(kind));
  }

  private perform(steps: readonly ClientStep[]): void {
    this.still?.dispose();
    this.todo.push(...steps);
    if (!this.isBusy) this.next();
  }

  private next(): void {
    const step = this.todo.shift();
    this.isBusy = step !== undefined;
    if (step === undefined) {
      this.still = this.o.clock.after(this.o.silence, () => this.perform(this.client.timeout()));
      return;
    }
    const done = (): void => this.next();
    const now = this.o.clock.monotonic();
    if (step.kind === 'send') {
      this.sent.push(step.bytes);
      this.sentAt = now;
      this.o.line.write(step.bytes, done);
      return;
    }
    this.seen.push(step);
    if (step.kind === 'speed') this.o.line.speed(step.baud, done);
    else if (step.kind === 'wait')
      this.o.clock.after(step.from === 'send' ? Math.max(0, this.sentAt + step.ms - now) : step.ms, done);
    else {
      if (ENDS.includes(step.kind)) this.through();
      done();
    }
  }
}
