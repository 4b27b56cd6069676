import type { Clock, Disposable } from '@smx-edge/model';
import type { FaultBook } from './fault-book.js';
import type { Wire } from './meter-port.js';
import { PacedWire } from './paced-wire.js';

/**
 * What can be wrong with every meter that is asked, and its line. Of an answer: nothing of it comes (`silence`), bits are
 * turned (`noise`), it ends in the middle and the connection with it (`cut`), or the power does (`power`), it comes byte by
 * byte (`drip`) or late (`delay`). A line that repeats what is sent to it (`echo`), a `restart` at once, a `clock` that is off.
 */
export type AnswerFault = 'silence' | 'noise' | 'cut' | 'power' | 'drip' | 'delay' | 'echo' | 'restart' | 'clock';

/** What `by` of these is where nothing is said, ms. */
export const ANSWER_TIMES = { power: 3000, restart: 3000, drip: 5, delay: 1000 } as const;
export const ONCE = ['power', 'cut'] as const satisfies readonly AnswerFault[];

/** What is shorter has no middle in which anything of a row would be lost, bytes. */
const SHORT = 48;
const isOnce = (kind: string): boolean => ONCE.some((each) => each === kind);

/** How one kind of meter answers. */
export interface Manner<K extends string> {
  /** ms before it, where the line has a speed. */
  readonly pause?: number;
  /** What strikes it, where that had to be known before it was made; asked now where absent. */
  readonly struck?: ReadonlyMap<K, number>;
  /** Whether a fault can be of this answer. */
  readonly fits?: (kind: K) => boolean;
  /** Does to it what only this kind of meter does. */
  readonly spoil?: (bytes: Uint8Array, struck: ReadonlyMap<K, number>) => Uint8Array;
}

export interface AnswerLineOptions<K extends string> {
  readonly wire: Wire;
  /** Baud at first; 0 = as fast as it goes, whatever is agreed on. */
  readonly baud: number;
  readonly faults: FaultBook<K | AnswerFault>;
  readonly clock: Clock;
  /** Bytes of the reader, at the speed of the line. */
  take(chunk: Uint8Array): void;
  /** The power fails now, for so many ms. */
  fail(ms: number): void;
}

/** Both directions of a line as the meter at its end has them: at its speed, with what is wrong with it. */
export class AnswerLine<K extends string> {
  private readonly incoming: PacedWire;
  private readonly outgoing: PacedWire;
  private readonly isPaced: boolean;
  private still: Disposable | undefined;

  constructor(private readonly o: AnswerLineOptions<K>) {
    this.incoming = new PacedWire(o.clock, (chunk) => o.take(chunk));
    this.outgoing = new PacedWire(o.clock, (bytes) => o.wire.send(bytes));
    this.isPaced = o.baud !== 0;
    this.speed(o.baud);
  }

  /** Bytes that went over it, both ways. */
  get bytes(): number {
    return this.incoming.bytes + this.outgoing.bytes;
  }

  /** Whether something is still being sent. */
  get isBusy(): boolean {
    return this.outgoing.left > 0;
  }

  receive(chunk: Uint8Array): void {
    if (this.o.faults.has('echo')) this.outgoing.push(chunk);
    this.incoming.push(chunk);
  }

  /** From here on. */
  speed(baud: number): void {
    if (this.isPaced) this.incoming.baud = this.outgoing.baud = baud;
  }

  /** `fn` once the line was silent for so many ms after what is under way; in place of what was to be done before. */
  whenStill(ms: number, fn: () => void): void {
    this.still?.dispose();
    this.still = this.o.clock.after(this.outgoing.left + ms, fn);
  }

  drop(): void {
    this.still?.dispose();
    this.incoming.clear();
    this.outgoing.clear();
  }

  /** Sends an answer, with what is wrong now. */
  reply(answer: Uint8Array, manner: Manner<K | AnswerFault> = {}): void {
    const { pause = 0, fits = () => true, spoil } = manner;
    const { faults, wire, fail } = this.o;
    const isLong = answer.length >= SHORT;
    const struck = manner.struck ?? faults.strike((kind) => (isLong || !isOnce(kind)) && fits(kind));
    if (struck.has('silence')) return;
    let bytes = spoil?.(answer, struck) ?? answer;
    if (struck.has('noise')) bytes = disturbed(bytes, (i) => faults.random(i));
    const dark = struck.get('power');
    const end = dark !== undefined ? () => fail(dark) : struck.has('cut') ? () => wire.hangUp() : undefined;
    if (end !== undefined) bytes = bytes.subarray(0, bytes.length >> 1);
    const wait = (struck.get('delay') ?? 0) + (this.isPaced ? pause : 0);
    this.outgoing.push(bytes, { wait, gap: struck.get('drip') ?? 0, ...(end && { then: end }) });
  }
}

/** With a bit turned in about one byte of forty. */
function disturbed(bytes: Uint8Array, random: (i: number) => number): Uint8Array {
  const spoilt = Uint8Array.from(bytes);
  for (let i = 0; i < Math.max(1, bytes.length / 40); i++)
    spoilt[Math.floor(random(2 * i) * bytes.length)]! ^= 1 << Math.floor(random(2 * i + 1) * 8);
  return spoilt;
}
