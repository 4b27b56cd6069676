import { SmxError } from '@smx-edge/model';
import { BlockFramer, type Message, type Proof } from '../block-framer.js';
import { ACK, NAK } from '../characters.js';
import { encodeCommand } from '../command.js';
import { decodeDataSets } from '../data-set.js';
import { EchoFilter } from '../echo.js';
import type { Identification } from '../identification.js';
import { encodeRequest, FIRST_BAUD } from '../opening.js';
import { withEvenParity } from '../parity.js';
import { decodeRefusal } from '../profile.js';
import { AnswerBlocks } from './answer-blocks.js';
import type { ClientOptions, Reading } from './client-options.js';
import { handshakeWith } from './handshake.js';
import type { ClientStep, ReadingFault, SessionFault } from './step.js';

const RETRIES = 3;
const EMPTY = new Uint8Array(0);

/**
 * `opening` until the meter has said who it is; `entering` until the first block; `settling` between a question and its sending,
 * where one before it may still be answered again; `answering` between a question and its answer.
 */
type State = 'idle' | 'opening' | 'entering' | 'proving' | 'ready' | 'settling' | 'answering' | 'over';

/** In which the meter is in programming mode. */
const PROGRAMMING: ReadonlySet<State> = new Set<State>(['proving', 'ready', 'settling', 'answering']);

/**
 * The reader's end of a conversation with one meter (IEC 62056-21, modes A to D; mode E is `ModeESignOn`): bytes of a line of
 * 8N1 in, bytes and facts out, the parity made in software. It can say nothing that changes a meter. Knows no clock:
 * `timeout` tells what to do after silence. What a meter sends never throws.
 */
export class IecClient {
  private state: State = 'idle';
  private readonly framer: BlockFramer;
  private readonly echo = new EchoFilter();
  private readonly retries: number;
  private readonly blocks: AnswerBlocks;
  private question: Uint8Array = EMPTY;
  private address = '';
  private tries = 0;
  /** Something of this conversation came with a wrong check. */
  private wasDamaged = false;
  /** It gave its readout where programming mode was wanted. */
  private wasReadOut = false;
  private operand = '';
  private steps: ClientStep[] = [];

  constructor(private readonly o: ClientOptions) {
    this.retries = o.retries ?? RETRIES;
    this.blocks = new AnswerBlocks(o.longest);
    this.framer = new BlockFramer(
      (message) => this.take(message),
      o.longest === undefined ? {} : { longest: o.longest },
    );
  }

  /** Baud to begin at. */
  get firstBaud(): number {
    return this.o.fixedBaud ?? FIRST_BAUD;
  }

  /** Whether an answer has begun that is not whole. */
  get isInAnswer(): boolean {
    return this.framer.isInAnswer;
  }

  /** Whether more may come of what was asked, because it was asked more than once: of the next meter on the line it is nothing. */
  get mayTrail(): boolean {
    return this.blocks.mayTrail;
  }

  /** Begins; all up to `ready`, `data` or `fault` follows by itself. Once for each client. */
  open(): ClientStep[] {
    if (this.state !== 'idle') refuse('a client serves one conversation; make another for the next');
    this.state = 'opening';
    return this.collect(() => this.ask(encodeRequest(this.o.address)));
  }

  /**
   * Reads in programming mode, as `R1` and `1.8.0()`. Where the question before was sent twice this one goes out with the next
   * `timeout`: many meters name no address, and a late answer would be taken for this one's. Throws SMX_PROTOCOL_ENCODE unless `ready`. */
  read(command: Reading, data: string): ClientStep[] {
    if (this.state !== 'ready') refuse('a meter is read once at a time, in programming mode');
    const question = encodeCommand(command, data);
    this.address = data.slice(0, data.indexOf('('));
    this.state = this.blocks.mayTrail ? 'settling' : 'answering';
    if (this.state === 'answering') return this.collect(() => this.ask(question));
    this.question = question;
    return [];
  }

  /** Ends the conversation; a meter in programming mode is told so (B0). */
  close(): ClientStep[] {
    const { state } = this;
    if (state === 'over') return [];
    this.state = 'over';
    return this.collect(() => {
      this.leave(state);
      this.steps.push({ kind: 'ended' });
    });
  }

  receive(chunk: Uint8Array): ClientStep[] {
    if (this.state === 'over' || this.state === 'idle') return [];
    return this.collect(() => this.framer.push(this.echo.take(chunk)));
  }

  /** The line was silent for as long as the meter may take. */
  timeout(): ClientStep[] {
    return this.collect(() => {
      // a password is never given twice
      if (this.state === 'proving') this.end({ why: 'silent' });
      else if (this.state === 'settling') this.settled();
      else if (this.state === 'opening' || this.state === 'entering' || this.state === 'answering') this.again();
    });
  }

  private settled(): void {
    this.blocks.settle();
    this.state = 'answering';
    this.ask(this.question);
  }

  private again(): void {
    const isWithin = this.framer.isWithin && this.state !== 'opening';
    this.framer.reset();
    if (++this.tries > this.retries) this.end({ why: this.wasDamaged ? 'damaged' : 'silent' });
    else if (this.blocks.hasBegun || (isWithin && this.state === 'entering')) this.request(Uint8Array.of(NAK));
    else if (this.state === 'entering') this.reopen();
    else this.request(this.question);
  }

  /** The meter missed the acknowledgement and is back at its first speed. */
  private reopen(): void {
    this.state = 'opening';
    if (this.o.fixedBaud === undefined) this.steps.push({ kind: 'speed', baud: FIRST_BAUD });
    this.send(this.question);
  }

  private take(message: Message): void {
    switch (message.kind) {
      case 'identification':
        if (this.state === 'opening') this.identified(message.identification);
        break;
      case 'telegram':
        if (this.state === 'entering' && this.o.mode === 'readout') this.told(message);
        break;
      case 'block':
        this.block(message);
        break;
      case 'damaged':
        this.damaged(message.why);
        break;
      case 'ack':
        if (this.state === 'proving') this.ready();
        break;
      case 'nak':
        this.notTaken();
    }
  }

  /** Data without a frame, of which there is one. */
  private told({ data, proof }: Extract<Message, { kind: 'telegram' }>): void {
    this.blocks.answered();
    this.readOut(data, proof);
  }

  private identified(identification: Identification): void {
    this.state = 'entering';
    this.steps.push({ kind: 'identified', identification });
    const handshake = handshakeWith(identification, this.o);
    if ('why' in handshake) {
      this.end(handshake);
      return;
    }
    const { acknowledgement, speed } = handshake;
    if (acknowledgement !== undefined) {
      this.steps.push({ kind: 'wait', ms: acknowledgement.after });
      this.send(acknowledgement.characters);
    }
    if (speed?.delay !== undefined) this.steps.push({ kind: 'wait', ms: speed.delay, from: 'send' });
    if (speed !== undefined) this.steps.push({ kind: 'speed', baud: speed.baud });
  }

  private block({ command, data, isLast }: Extract<Message, { kind: 'block' }>): void {
    if (command === 'B0') {
      this.end(this.state === 'proving' ? { why: 'wrong-password', answer: 'B0' } : { why: 'broken-off' });
    } else if (this.state === 'entering') this.entered(command, { data, isLast });
    // a command is no answer: an echo that noise stands before is no refusal, and holds the password
    else if (this.state === 'proving' && command === undefined) this.refused(data);
    else if (this.state === 'answering' && command === undefined) this.answered({ data, isLast });
  }

  private entered(command: string | undefined, { data, isLast }: { data: string; isLast: boolean }): void {
    if (this.o.mode === 'readout') {
      if (command === undefined) this.answered({ data, isLast });
      else this.end({ why: 'mode', detail: `${command} in place of the readout` });
      return;
    }
    const refusal = decodeRefusal(data);
    if (refusal !== undefined) this.end({ why: 'mode', detail: refusal.error });
    else if (command === 'P0') this.challenged(decodeDataSets(data)[0]?.values[0]?.value ?? '');
    else if (!this.wasReadOut) {
      // one that the acknowledgement did not reach reads out by itself
      this.wasReadOut = true;
      this.reopen();
    } else this.end({ why: 'mode', detail: 'a readout in place of programming mode' });
  }

  private challenged(operand: string): void {
    const { password } = this.o;
    this.operand = operand;
    if (password === undefined) this.ready();
    else {
      this.state = 'proving';
      this.steps.push({ kind: 'proving' });
      this.send(encodeCommand(password.command, `(${password.text})`));
    }
  }

  /** Only what the standard has for it is told in the meter's words, since others may hold anything. */
  private refused(data: string): void {
    this.end({ why: 'wrong-password', answer: decodeRefusal(data)?.error ?? 'data in place of an acknowledgement' });
  }

  private ready(): void {
    this.state = 'ready';
    this.tries = 0;
    this.steps.push({ kind: 'ready', operand: this.operand });
  }

  private readOut(data: string, proof: Proof): void {
    this.state = 'over';
    this.steps.push({ kind: 'data', data, proof }, { kind: 'ended' });
  }

  /** A block of the answer, or of the readout. */
  private answered(block: { readonly data: string; readonly isLast: boolean }): void {
    const outcome = this.blocks.take(block, this.address);
    if (outcome === 'other') return;
    this.tries = 0;
    if (outcome === 'repeated') this.fail({ why: 'damaged' });
    else if (outcome === 'long') this.fail({ why: 'long' });
    else if (outcome === 'more') this.request(Uint8Array.of(ACK));
    else this.whole(outcome.whole);
  }

  private whole(data: string): void {
    if (this.state === 'entering') {
      this.readOut(data, 'check');
      return;
    }
    this.state = 'ready';
    const refusal = decodeRefusal(data);
    this.steps.push(
      refusal === undefined
        ? { kind: 'data', data, proof: 'check' }
        : { kind: 'failed', fault: { why: 'refused', error: refusal.error } },
    );
  }

  private damaged(why: 'check' | 'long'): void {
    // of who it is: it is asked for again after silence, as the meter waits for what it offered
    if (this.state === 'opening') this.wasDamaged = true;
    if (this.state !== 'entering' && this.state !== 'answering' && this.state !== 'proving') return;
    this.wasDamaged = true;
    // what answers a password is not asked for again: the answer may be that it was wrong
    if (this.state === 'proving') this.end({ why: 'damaged' });
    else if (why === 'long' || ++this.tries > this.retries) this.fail({ why: why === 'long' ? 'long' : 'damaged' });
    // of a question that did not reach it the meter would give the answer before again
    else if (this.state === 'answering' && !this.blocks.hasBegun) this.request(this.question);
    else this.request(Uint8Array.of(NAK));
  }

  private notTaken(): void {
    if (this.state === 'proving') this.end({ why: 'wrong-password', answer: 'NAK' });
    else if (this.state === 'answering') {
      if (++this.tries > this.retries) this.fail({ why: 'nak' });
      else {
        // the answer begins anew: what came of it so far would be there twice
        this.blocks.forget();
        this.request(this.question);
      }
    }
  }

  private fail(fault: ReadingFault): void {
    this.blocks.giveUp();
    this.tries = 0;
    if (this.state !== 'answering') {
      this.end({ why: 'damaged' });
      return;
    }
    this.state = 'ready';
    this.steps.push({ kind: 'failed', fault });
  }

  /** A meter that was left in programming mode would take no request until its own time-out. */
  private leave(state: State): void {
    if (PROGRAMMING.has(state)) this.send(encodeCommand('B0'));
  }

  private end(fault: SessionFault): void {
    const { state } = this;
    this.state = 'over';
    const isEnded = fault.why === 'broken-off' || (fault.why === 'wrong-password' && fault.answer === 'B0');
    if (!isEnded) this.leave(state);
    this.steps.push({ kind: 'fault', fault });
  }

  private ask(question: Uint8Array): void {
    this.question = question;
    this.tries = 0;
    this.blocks.begin();
    this.framer.reset();
    this.request(question);
  }

  /** What the meter may answer with a block. */
  private request(characters: Uint8Array): void {
    this.blocks.asked();
    this.send(characters);
  }

  private send(characters: Uint8Array): void {
    const bytes = withEvenParity(characters);
    this.echo.note(bytes);
    this.steps.push({ kind: 'send', bytes });
  }

  private collect(work: () => void): ClientStep[] {
    this.steps = [];
    work();
    return this.steps;
  }
}

function refuse(why: string): never {
  throw new SmxError('SMX_PROTOCOL_ENCODE', `The meter cannot be asked now: ${why}`);
}
