import { SmxError } from '@smx-edge/model';
import { FaultBook, type LineFault } from '../line/index.js';

/**
 * What can be wrong with a DLMS meter and its line. Of an answer: nothing of it comes (`silence`), bits are turned (`noise`), it
 * ends in the middle and the connection with it (`cut`), or the power does (`power`), it comes byte by byte (`drip`) or late
 * (`delay`). A line that repeats what is sent to it (`echo`), a release with wrong lengths (`release`), frames numbered 0 for
 * ever (`stuck`), an association that a cut does not end (`held`), a counter of the reader that is thought too low
 * (`counter`), a `restart` at once, a `clock` that is off.
 */
export const DLMS_FAULT_KINDS = ['silence', 'noise', 'cut', 'power', 'drip', 'delay', 'echo', 'release', 'stuck', 'held', 'counter', 'restart', 'clock'] as const; // prettier-ignore
export type DlmsFaultKind = (typeof DLMS_FAULT_KINDS)[number];

export interface DlmsFault extends LineFault<DlmsFaultKind> {
  /** Answers for which it lasts; until it is cleared where absent. */
  readonly answers?: number;
  /** ms: of `power` and `restart` without power, of `drip` between bytes, of `delay`, of `held`, of `clock` ahead. */
  readonly by?: number;
}

/** What `by` is where nothing is said, ms; the clock has no such thing. */
const BY: Partial<Record<DlmsFaultKind, number>> = { power: 3000, restart: 3000, drip: 5, delay: 1000, held: 30_000 };
/** Faults of lines of bytes, which a network lets through to nobody. */
const OF_HDLC: readonly DlmsFaultKind[] = ['noise', 'stuck', 'echo'];
/** What is shorter has no middle in which anything of a row would be lost, bytes. */
const SHORT = 48;
/** Those that are over once they have struck. */
const ONCE: readonly DlmsFaultKind[] = ['power', 'cut'];

/** The faults of one DLMS meter. The same seed spoils the same answers. */
export class DlmsFaults {
  private readonly book: FaultBook<DlmsFaultKind, DlmsFault>;
  private answers = 0;

  constructor(
    seed: number,
    private readonly framing: 'hdlc' | 'wrapper',
  ) {
    this.book = new FaultBook(seed, DLMS_FAULT_KINDS);
  }

  /** Faults now, with the answers they still last. */
  get list(): DlmsFault[] {
    return this.book.list.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, answers: left } : fault));
  }

  /** Throws SMX_SIMULATOR_SETPOINT. */
  set(fault: DlmsFault): void {
    const { kind, by, answers = ONCE.includes(kind) ? 1 : undefined } = fault;
    if (this.framing === 'wrapper' && OF_HDLC.includes(kind))
      throw new SmxError(
        'SMX_SIMULATOR_SETPOINT',
        `The fault "${kind}" is of HDLC lines; this meter is on the network`,
      );
    const takesBy = kind === 'clock' || BY[kind] !== undefined;
    const isRight =
      by === undefined ? kind !== 'clock' : takesBy && Number.isFinite(by) && (kind === 'clock' || by > 0);
    if (!isRight)
      throw new SmxError(
        'SMX_SIMULATOR_SETPOINT',
        `The fault "${kind}" takes ${takesBy ? '"by": a time' : 'no "by"'}${kind === 'clock' ? ' the clock is ahead' : ''}`,
      );
    this.book.set(fault, { name: 'answers', times: answers });
  }

  /** Ends a fault, or all. */
  clear(kind?: DlmsFaultKind): void {
    this.book.clear(kind);
  }

  has(kind: DlmsFaultKind): boolean {
    return this.book.get(kind) !== undefined;
  }

  /** ms of a fault that has a time; 0 where there is none such now. */
  by(kind: DlmsFaultKind): number {
    const fault = this.book.get(kind);
    return fault === undefined ? 0 : (fault.by ?? BY[kind] ?? 0);
  }

  /** What strikes the next answer, and its time, ms. Those that strike long ones only wait for one. */
  strike(length: number): ReadonlyMap<DlmsFaultKind, number> {
    const n = this.answers++;
    const struck = new Map<DlmsFaultKind, number>();
    for (const kind of DLMS_FAULT_KINDS) {
      const by = this.by(kind);
      if ((length >= SHORT || !ONCE.includes(kind)) && this.book.hits(kind, n)) struck.set(kind, by);
    }
    return struck;
  }

  /** With a bit turned in about one byte of forty. */
  disturbed(bytes: Uint8Array): Uint8Array {
    const spoilt = Uint8Array.from(bytes);
    const random = (i: number): number => this.book.noise.at(1e9 + this.answers * 4096 + i);
    for (let i = 0; i < Math.max(1, bytes.length / 40); i++)
      spoilt[Math.floor(random(2 * i) * bytes.length)]! ^= 1 << Math.floor(random(2 * i + 1) * 8);
    return spoilt;
  }
}
