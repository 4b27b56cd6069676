import type { DataNotification, GetResult } from '@smx-edge/protocols/cosem';
import type { ClientStep, DlmsClient } from '@smx-edge/protocols/dlms';
import { readingOf, type Attribute, type Session } from '../objects/session.js';
import { faultError, readError } from './faults.js';

/** How long the word of a meter that is let go of is waited for, ms. */
const PARTING = 500;
/** Silences for which a line may be loud and bring the answer no further: a window of frames at 300 baud takes 14. */
const NOISE = 24;
/** An object list at 300 baud takes 12 minutes; what goes on for longer never ends, ms. */
const LONGEST = 900_000;

export interface MeterSessionOptions {
  readonly client: DlmsClient;
  write(bytes: Uint8Array): Promise<void>;
  /** Silence after which the client is told, ms. */
  readonly silence: number;
  /** The meter said something unasked. */
  pushed(notification: DataNotification): void;
  /** What comes is for this session from now on. */
  listens(): void;
  /** Before each request, so that what a restart must know is kept. */
  ready(): Promise<void>;
}

interface Waiting {
  resolve(results: readonly GetResult[]): void;
  reject(error: Error): void;
}

/** Drives the client of one meter over the line: one request at a time, silence by a timer. */
export class MeterSession implements Session {
  private waiting: Waiting | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  /** When what was asked began, when something came of it last, and when anything was sent or heard; by the monotonic clock. */
  private beganAt = 0;
  private cameAt = 0;
  private heardAt = 0;
  /** The line was cut under it, which the client cannot know. */
  private isLost = false;
  private isEnding = false;
  private title: Uint8Array | undefined;

  constructor(private readonly o: MeterSessionOptions) {}

  /** Title and highest counter of a ciphered meter, once it has shown them. */
  get heard(): { readonly title: Uint8Array; readonly counter: number } | undefined {
    const { title } = this;
    const counter = this.o.client.meterCounter;
    return title === undefined || counter === undefined ? undefined : { title, counter };
  }

  get isOpen(): boolean {
    return !this.isLost && this.o.client.state === 'associated';
  }

  /** Resolves once there is an association. */
  async associate(): Promise<void> {
    await this.ask(() => this.o.client.connect());
  }

  async read(list: readonly Attribute[]): Promise<readonly GetResult[]> {
    const readings = list.map(readingOf);
    return this.ask(() => this.o.client.read(readings));
  }

  /**
   * Lets go of the meter: after the read that is under way, or in the midst of it where that takes longer than half of `within`
   * ms; so long at most its word is waited for then.
   */
  async release(within = PARTING): Promise<void> {
    this.isEnding = true;
    await Promise.race([this.last, pause(within / 2)]);
    const isLinked = !this.isLost && this.o.client.state !== 'closed';
    this.lost();
    if (!isLinked) return;
    const parted = new Promise<void>((resolve) => {
      this.waiting = { resolve: () => resolve(), reject: () => resolve() };
    });
    this.o.listens();
    this.run(this.o.client.release());
    await Promise.race([parted, pause(within / 2)]);
    this.settle([]);
  }

  /** Bytes of the line while this meter is asked. */
  receive(chunk: Uint8Array): void {
    const steps = this.told(() => this.o.client.receive(chunk));
    const now = performance.now();
    if (steps.some(({ kind }) => kind !== 'ignored' && kind !== 'push')) this.cameAt = now;
    // noise, or two others who speak on the line, may not keep this meter from being silent
    if (now - this.cameAt < NOISE * this.o.silence) this.heardAt = now;
    this.run(steps);
  }

  /** The line was cut: whatever was asked is not answered any more. */
  lost(why: Error = faultError({ why: 'link', by: 'closed' })): void {
    this.isLost = true;
    this.settle(why);
  }

  /** One after the other: who stops the reader asks while a reading is under way. */
  private ask(begin: () => ClientStep[]): Promise<readonly GetResult[]> {
    const result = this.last.then(() => this.exchange(begin));
    this.last = result.catch(() => undefined);
    return result;
  }

  private async exchange(begin: () => ClientStep[]): Promise<readonly GetResult[]> {
    await this.o.ready();
    // also where it was let go of in the meantime
    if (this.isLost || this.isEnding) throw faultError({ why: 'link', by: 'closed' });
    this.o.listens();
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.beganAt = this.cameAt = this.heardAt = performance.now();
      this.run(this.told(begin));
    });
  }

  /** What a counter throws that has no more to give ends this association, and nothing else. */
  private told(call: () => ClientStep[]): ClientStep[] {
    try {
      return call();
    } catch (error) {
      this.lost(error as Error);
      return [];
    }
  }

  private run(steps: readonly ClientStep[]): void {
    for (const step of steps) {
      if (step.kind === 'associated') this.title = step.agreement.title;
      if (step.kind === 'send') this.send(step.bytes);
      else if (step.kind === 'associated' || step.kind === 'released') this.settle([]);
      else if (step.kind === 'answer') this.settle(step.results);
      else if (step.kind === 'failed') this.settle(readError(step.fault));
      else if (step.kind === 'push') this.o.pushed(step.notification);
      else if (step.kind === 'fault') this.settle(faultError(step.fault));
    }
    if (this.waiting === undefined) return;
    this.timer ??= setTimeout(() => this.silent(), this.o.silence);
  }

  private send(bytes: Uint8Array): void {
    this.o.write(bytes).catch((error: unknown) => this.lost(error as Error));
  }

  /** One timer for each exchange, however many pieces its answer comes in. */
  private silent(): void {
    const now = performance.now();
    const left = this.heardAt + this.o.silence - now;
    const isEndless = now - this.beganAt > LONGEST;
    this.timer = left >= 1 && !isEndless ? setTimeout(() => this.silent(), left) : undefined;
    if (this.timer !== undefined) return;
    this.heardAt = now;
    if (isEndless) this.lost(faultError({ why: 'silent' }));
    else this.run(this.told(() => this.o.client.timeout()));
  }

  private settle(outcome: readonly GetResult[] | Error): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { waiting } = this;
    this.waiting = undefined;
    if (outcome instanceof Error) waiting?.reject(outcome);
    else waiting?.resolve(outcome);
  }
}

/** Holds no process up. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
