import type { DataNotification, GetResult } from '@smx-edge/protocols/cosem';
import type { ClientStep, DlmsClient } from '@smx-edge/protocols/dlms';
import { readingOf, type Attribute, type Session } from '../objects/session.js';
import { faultError, readError } from './faults.js';

export interface MeterSessionOptions {
  readonly client: DlmsClient;
  write(bytes: Uint8Array): Promise<void>;
  /** Silence after which the client is told, ms. */
  readonly silence: number;
  /** The meter said something unasked. */
  pushed(notification: DataNotification): void;
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
  /** The line was cut under it, which the client cannot know. */
  private isLost = false;

  constructor(private readonly o: MeterSessionOptions) {}

  get isOpen(): boolean {
    return !this.isLost && this.o.client.state === 'associated';
  }

  /** Resolves once there is an association. */
  async associate(): Promise<void> {
    await this.ask(() => this.o.client.connect());
  }

  read(list: readonly Attribute[]): Promise<readonly GetResult[]> {
    return this.ask(() => this.o.client.read(list.map(readingOf)));
  }

  /** Lets go of the meter; what it says to that is not waited for longer than a silence. */
  async release(): Promise<void> {
    await this.last;
    if (this.isOpen) await this.ask(() => this.o.client.release());
  }

  /** Bytes of the line while this meter is asked. */
  receive(chunk: Uint8Array): void {
    this.run(this.o.client.receive(chunk));
  }

  /** The line was cut: whatever was asked is not answered any more. */
  lost(): void {
    this.isLost = true;
    this.settle(faultError({ why: 'link', by: 'closed' }));
  }

  /** One after the other: who stops the reader asks while a reading is under way. */
  private ask(begin: () => ClientStep[]): Promise<readonly GetResult[]> {
    const result = this.last.then(() => this.exchange(begin));
    this.last = result.catch(() => undefined);
    return result;
  }

  private async exchange(begin: () => ClientStep[]): Promise<readonly GetResult[]> {
    await this.o.ready();
    if (this.isLost) throw faultError({ why: 'link', by: 'closed' });
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      try {
        this.run(begin());
      } catch (error) {
        this.isLost = true;
        this.settle(error as Error);
      }
    });
  }

  private run(steps: readonly ClientStep[]): void {
    for (const step of steps) {
      if (step.kind === 'send') this.send(step.bytes);
      else if (step.kind === 'associated' || step.kind === 'released') this.settle([]);
      else if (step.kind === 'answer') this.settle(step.results);
      else if (step.kind === 'failed') this.settle(readError(step.fault));
      else if (step.kind === 'push') this.o.pushed(step.notification);
      else if (step.kind === 'fault') this.settle(faultError(step.fault));
    }
    if (this.waiting !== undefined) this.arm();
  }

  private send(bytes: Uint8Array): void {
    this.o.write(bytes).catch((error: unknown) => {
      this.isLost = true;
      this.settle(error as Error);
    });
  }

  private arm(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(this.o.client.timeout()), this.o.silence);
  }

  private settle(outcome: readonly GetResult[] | Error): void {
    clearTimeout(this.timer);
    const { waiting } = this;
    this.waiting = undefined;
    if (outcome instanceof Error) waiting?.reject(outcome);
    else waiting?.resolve(outcome);
  }
}
