import type { Line } from '@smx-edge/extension-api';
import type { PasswordTries } from '@smx-edge/extension-api/metering';
import { SmxError, systemClock, type Clock, type Disposable } from '@smx-edge/model';
import type { ClientStep, Identification, IecClient, Proof, Reading } from '@smx-edge/protocols/iec62056-21';
import { readingError, sessionError } from './faults.js';
import { pause } from './pause.js';

/** Until an answer begins or goes on, what each of its bytes adds, and for all of it, ms: noise may not hold a line for ever. */
const BEGINS = 20_000;
const BYTE = 100;
const ANSWERS = 900_000;

export interface ConversationOptions {
  readonly client: IecClient;
  readonly line: Pick<Line, 'write' | 'drain' | 'configure'>;
  /** Whether the line has a speed that can be set. */
  readonly hasSpeed: boolean;
  /** Silence after which the client is told, ms. */
  readonly silence: number;
  /** Default that of the system. */
  readonly clock?: Clock | undefined;
  /** The meter has said who it is. */
  met(identification: Identification): void;
  /** Counts passwords; the conversation ends where one may not be given. */
  readonly tries?: Pick<PasswordTries, 'begin' | 'proved' | 'unanswered'> | undefined;
}

/** What a meter answered. */
export interface Answer {
  readonly text: string;
  readonly proof: Proof;
  /** When it began and ended to come, monotonic ms. */
  readonly began: number;
  readonly ended: number;
}

interface Waiting {
  readonly asked: string;
  resolve(answer: Answer | undefined): void;
  reject(error: Error): void;
}

/** Drives the client of one meter over the line: one question at a time, each step once the one before is done. */
export class Conversation {
  private waiting: Waiting | undefined;
  private work: Promise<void> = Promise.resolve();
  private silence: Disposable | undefined;
  private deadline: Disposable | undefined;
  /** When the answer is to have come, and when at the latest, monotonic ms. */
  private until = 0;
  private latest = 0;
  private isReady = false;
  private isOver = false;
  private isLost = false;
  private isWhole = false;
  /** A password was given, and nothing shows yet whether it was taken. */
  private isProving = false;
  private answer: Answer | undefined;
  private began = 0;
  private sentAt = 0;
  private said: Identification | undefined;
  private readonly clock: Clock;

  constructor(private readonly o: ConversationOptions) {
    this.clock = o.clock ?? systemClock;
  }

  /** Whether registers may be asked for. */
  get isOpen(): boolean {
    return this.isReady && !this.isOver;
  }

  /** Whether all that was asked has come, and was asked once, so that nothing of it can come late. */
  get isComplete(): boolean {
    return this.isWhole && !this.o.client.mayTrail;
  }

  /** What the meter said of itself. */
  get identification(): Identification | undefined {
    return this.said;
  }

  /** Signs on. Resolves to the readout, or in programming mode to nothing once registers may be asked for. */
  async open(): Promise<Answer | undefined> {
    const { client, line, hasSpeed } = this.o;
    if (hasSpeed) await line.configure({ baud: client.firstBaud, mode: '8N1' });
    return this.ask('readout', () => client.open());
  }

  /** One question in programming mode. Rejects with a code of `isOfObject` where the conversation stands. */
  async read(command: Reading, data: string): Promise<Answer> {
    const answer = await this.ask(data.replace('()', ''), () => this.o.client.read(command, data));
    if (answer === undefined) throw new SmxError('SMX_METER_SILENT', `The meter gave no answer for ${data}`);
    return answer;
  }

  /** Ends it; whatever is asked is not answered any more. */
  async close(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    this.settle(cut());
    this.run(() => this.o.client.close());
    await this.work;
  }

  receive(chunk: Uint8Array): void {
    if (this.isOver) return;
    if (this.began === 0) this.began = this.clock.monotonic();
    // what is no answer gets no time, and what comes fast none to spare
    if (this.o.client.isInAnswer) {
      const ahead = Math.min(this.latest, this.clock.monotonic() + BEGINS);
      this.until = Math.max(this.until, Math.min(ahead, this.until + BYTE * chunk.length));
    }
    this.run(() => this.o.client.receive(chunk));
  }

  /** The line was cut. */
  lost(): void {
    this.isLost = true;
    this.isOver = true;
    // what the disk does not take is counted until the end of this process
    if (this.isProving) this.work = this.work.then(() => this.o.tries?.unanswered()).catch(() => undefined);
    this.isProving = false;
    this.settle(cut());
  }

  private ask(asked: string, begin: () => ClientStep[]): Promise<Answer | undefined> {
    return new Promise((resolve, reject) => {
      if (this.isOver) {
        reject(cut());
        return;
      }
      this.waiting = { asked, resolve, reject };
      this.answer = undefined;
      this.began = 0;
      this.expire();
      this.run(begin);
    });
  }

  /** Each after what came before it, as a speed may only change once what was sent has left. */
  private run(next: () => ClientStep[]): void {
    this.silence?.dispose();
    this.work = this.work.then(async () => {
      try {
        const steps = this.isLost ? [] : next();
        // after a cut the line may be another one
        for (let i = 0; i < steps.length && !this.isLost; i++) await this.perform(steps[i]!);
        if (this.waiting !== undefined) this.listen();
      } catch (error) {
        this.isOver = true;
        this.settle(error as Error);
        // says nothing once it is over
        this.run(() => this.o.client.close());
      }
    });
  }

  private async perform(step: ClientStep): Promise<void> {
    const { line, hasSpeed } = this.o;
    switch (step.kind) {
      case 'send':
        this.sentAt = this.clock.monotonic();
        await line.write(step.bytes);
        await line.drain();
        break;
      case 'wait':
        await pause(this.clock, step.from === 'send' ? this.sentAt + step.ms - this.clock.monotonic() : step.ms);
        break;
      case 'speed':
        if (hasSpeed) await line.configure({ baud: step.baud, mode: '8N1' });
        break;
      case 'identified':
        this.said = step.identification;
        this.expire();
        this.o.met(step.identification);
        break;
      case 'proving':
        await this.o.tries?.begin();
        this.isProving = true;
        break;
      case 'ready':
        if (this.isProving) await this.o.tries?.proved();
        this.isProving = false;
        this.isReady = true;
        this.settle(undefined);
        break;
      case 'data':
        this.taken(step.data, step.proof);
        break;
      case 'failed':
        this.settle(readingError(step.fault, this.waiting?.asked ?? ''));
        break;
      case 'ended':
        this.isOver = true;
        this.isWhole = true;
        this.settle(this.answer);
        break;
      case 'fault':
        this.isOver = true;
        if (this.isProving && step.fault.why !== 'wrong-password') await this.o.tries?.unanswered();
        this.isProving = false;
        this.settle(sessionError(step.fault, this.isReady ? undefined : this.said));
    }
  }

  private taken(text: string, proof: Proof): void {
    this.answer = { text, proof, began: this.began, ended: this.clock.monotonic() };
    // a readout is over with the conversation
    if (this.isReady) this.settle(this.answer);
  }

  private listen(): void {
    this.silence?.dispose();
    this.silence = this.clock.after(this.o.silence, () => this.run(() => this.o.client.timeout()));
  }

  private expire(): void {
    const now = this.clock.monotonic();
    [this.until, this.latest] = [now + BEGINS, now + ANSWERS];
    this.deadline?.dispose();
    this.deadline = this.clock.after(BEGINS, () => this.expired());
  }

  private expired(): void {
    const left = this.until - this.clock.monotonic();
    if (left > 0) {
      this.deadline = this.clock.after(left, () => this.expired());
      return;
    }
    this.isOver = true;
    this.settle(
      new SmxError('SMX_METER_SILENT', 'What comes has no beginning or no end: noise on the line, or another device'),
    );
    this.run(() => this.o.client.close());
  }

  private settle(outcome: Answer | undefined | Error): void {
    this.silence?.dispose();
    this.deadline?.dispose();
    const { waiting } = this;
    this.waiting = undefined;
    if (outcome instanceof Error) waiting?.reject(outcome);
    else waiting?.resolve(outcome);
  }
}

function cut(): SmxError {
  return new SmxError('SMX_METER_SILENT', 'The line to the meter was cut');
}
