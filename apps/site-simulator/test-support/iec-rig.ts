import { silentLog, VirtualClock, type Zone } from '@smx-edge/model';
import { reactionTimeOf, type ClientOptions, type ClientStep, type Reading } from '@smx-edge/protocols/iec62056-21';
import { MeterMemory, type MeterSource } from '../src/billing/index.js';
import { House, pastOf } from '../src/house/index.js';
import { LineEnd } from '../src/iec62056-meter/line-end.js';
import { IEC_FAULTS, type IecFault } from '../src/iec62056-meter/line-faults.js';
import { firstBaud, hdlcOf, identificationOf, meterOf, type IecMeterOptions } from '../src/iec62056-meter/meters.js';
import { FaultBook, type Fault } from '../src/line/index.js';
import { IecReader } from './iec-reader.js';
import { StallGate, type Stall, type Way } from './stall-gate.js';

const QUARTER = 900_000;
/** The day after clocks went back. */
export const START = Date.UTC(2026, 9, 26, 8);
const PASSWORD = { command: 'P1', text: '12345678' } as const;
export const MORNING = 'P.01(02610260800;02610261030)';
export const READOUT: Partial<ClientOptions> = { mode: 'readout' };

/** Most of what a meter does here is to look up the same offsets. */
function remember(zone: Zone): void {
  zone.offset = bySlot(zone.offset.bind(zone));
  zone.isSummer = bySlot(zone.isSummer.bind(zone));
}

/** What is the same all a quarter of an hour, looked up once for each. */
function bySlot<T>(look: (t: number) => T): (t: number) => T {
  const known = new Map<number, T>();
  return (t) => {
    const slot = Math.floor(t / QUARTER);
    const found = known.get(slot) ?? look(t);
    known.set(slot, found);
    return found;
  };
}

/** A house whose meter had no power from 20 to 40 minutes past eight. */
function outageHouse(): MeterSource {
  const options = { seed: 3, start: START };
  const memory = new MeterMemory(pastOf(options, 3), 1000);
  const house = new House({ ...options, onQuarter: (end, meter) => memory.quarter(end, meter) });
  const after = (minutes: number): number => START + minutes * 60_000;
  house.step(after(20));
  memory.powerDown(after(20));
  house.step(after(40));
  memory.powerUp(after(40));
  house.step(after(90));
  remember(house.zone);
  return { house, memory, now: () => house.t };
}

export const source = outageHouse();

export interface Trouble {
  /** Bytes after which the line is dead, both ways. */
  readonly cut?: number;
  /** Does to bytes of one way what a bad line does. */
  readonly toReader?: (bytes: Uint8Array) => Uint8Array;
  readonly toMeter?: (bytes: Uint8Array) => Uint8Array;
  /** Bytes of one way come late from one on. */
  readonly stall?: Stall;
}

export interface RigMeter extends Partial<IecMeterOptions> {
  readonly addresses?: readonly string[];
  readonly faults?: readonly Fault<IecFault>[];
}

const METER: IecMeterOptions = { mode: 'C', family: 'generic', serial: '53078125', stamp: 'end', block: 200, framed: true, protected: ['C.7.0'], password: PASSWORD.text }; // prettier-ignore
/** Longest that a reader may take with what it is told, ms. */
const LONGEST = 1_000_000;

/** A reader and a meter on a line of 9600 baud, in time that passes when it is told to. */
export class Rig {
  readonly clock = new VirtualClock(START);
  readonly faults = new FaultBook<IecFault>(1, IEC_FAULTS);
  readonly end: LineEnd;
  readonly wrong: string[] = [];
  reader: IecReader;
  /** What went over the line to the reader, as characters. */
  readonly toReader: number[] = [];
  /** Speed of the reader. */
  baud = 0;
  /** What it had as the last block began. */
  atBlock = 0;
  /** Bytes that went over the line, both ways. */
  passed = 0;
  private readonly gates: Readonly<Record<Way, StallGate>>;

  constructor(
    given: RigMeter = {},
    private readonly options: Partial<ClientOptions> = {},
    private readonly trouble: Trouble = {},
  ) {
    const meter = { ...METER, baud: 9600, ...given };
    for (const fault of given.faults ?? []) this.faults.set(fault);
    const place = { source, clockError: () => this.faults.by('clock') };
    const isPassword = (text: string): boolean => text === PASSWORD.text || this.wrong.push(text) === 0;
    const addresses = given.addresses ?? [undefined];
    const gate = (way: Way, deliver: (bytes: Uint8Array) => void): StallGate =>
      new StallGate(this.clock, { deliver, stall: trouble.stall?.way === way ? trouble.stall : undefined });
    this.gates = {
      toMeter: gate('toMeter', (bytes) => this.end.receive(bytes)),
      toReader: gate('toReader', (bytes) => this.heard(bytes)),
    };
    this.end = new LineEnd({
      wire: { send: (bytes) => this.hear(bytes), hangUp: () => {} },
      ...{
        baud: firstBaud(meter),
        reaction: reactionTimeOf(identificationOf(meter).manufacturer),
        faults: this.faults,
        clock: this.clock,
        log: silentLog,
      },
      meters: addresses.map((address, number) => meterOf(meter, { ...place, number }, { address, isPassword })),
      hdlc: meter.mode === 'E' ? [hdlcOf(meter, { ...place, number: 0 })] : [],
      fail: () => {},
    });
    this.reader = this.newReader();
  }

  /** What came of it. */
  open(): readonly ClientStep[] {
    return this.run(() => this.reader.open());
  }

  /** The next conversation on the same line, of a reader who knows nothing of the one before. */
  again(): void {
    this.reader = this.newReader();
  }

  read(command: Reading, data: string): readonly ClientStep[] {
    return this.run(() => this.reader.read(command, data));
  }

  /** What the reader was given of an address; undefined where it got nothing. */
  dataOf(command: Reading, data: string): string | undefined {
    const [last] = this.read(command, data).slice(-1);
    return last?.kind === 'data' ? last.data : undefined;
  }

  /** Bytes that were sent one way so far. */
  sent(way: Way): number {
    return this.gates[way].passed;
  }

  private newReader(): IecReader {
    return new IecReader({
      ...{ mode: 'programming', password: PASSWORD, silence: 3000, clock: this.clock, ...this.options },
      line: {
        write: (bytes, done) => this.say(bytes, done),
        speed: (baud, done) => {
          this.baud = baud;
          done();
        },
      },
    });
  }

  private run(begin: () => void): readonly ClientStep[] {
    const { reader, clock } = this;
    const from = reader.seen.length;
    const latest = clock.monotonic() + LONGEST;
    begin();
    while (!reader.isThrough(from) && clock.monotonic() < latest) clock.next(LONGEST);
    // no `expect`: most runs of the processor would be in it
    if (!reader.isThrough(from)) throw new Error(`the reader is at no end after ${LONGEST} ms`);
    return reader.seen.slice(from).filter(({ kind }) => kind !== 'wait' && kind !== 'speed');
  }

  private say(bytes: Uint8Array, done: () => void): void {
    this.gates.toMeter.push(this.over(this.trouble.toMeter?.(bytes) ?? bytes));
    this.clock.after((bytes.length * 10_000) / this.baud, done);
  }

  private hear(bytes: Uint8Array): void {
    this.gates.toReader.push(this.over(this.trouble.toReader?.(bytes) ?? bytes));
  }

  private heard(bytes: Uint8Array): void {
    this.toReader.push(...bytes);
    // SOH or STX
    if (bytes[0] === 1 || bytes[0] === 2) this.atBlock = this.baud;
    this.reader.receive(bytes);
  }

  private over(bytes: Uint8Array): Uint8Array {
    const left = bytes.subarray(0, Math.max(0, (this.trouble.cut ?? Infinity) - this.passed));
    this.passed += left.length;
    return left;
  }
}

export interface Exchange {
  readonly found: readonly (string | undefined)[];
  readonly end: ClientStep;
}

/** A conversation of everything: sign-on, password, two registers that do not say which they are, and rows in parts. */
export function exchange(rig: Rig, rows = MORNING): Exchange {
  const questions = [
    ['R1', '1.8.0()'],
    ['R1', '2.8.0()'],
    ['R6', rows],
  ] as const;
  let end = rig.open().at(-1)!;
  const found = questions.map(([command, data]) => {
    if (end.kind === 'fault') return undefined;
    end = rig.read(command, data).at(-1)!;
    return end.kind === 'data' ? end.data : undefined;
  });
  return { found, end };
}
