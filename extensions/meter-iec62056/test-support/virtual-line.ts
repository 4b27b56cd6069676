import type { Line, LineSettings, Tools } from '@smx-edge/extension-api';
import { VirtualClock } from '@smx-edge/model';
import { FIRST_BAUD, IecServer, type ServerOptions, type ServerStep } from '@smx-edge/protocols/iec62056-21';
import { optionsOf } from './test-meter.js';

/** Start bit, eight bits, stop bit. */
const BITS = 10;
/** ms before a meter answers that is no quick one (IEC 62056-21 §6.3.14). */
const REACTION = 200;

/** Nobody counts here. */
const COUNTERS = {
  bytesIn: 0,
  bytesOut: 0,
  chunks: 0,
  dropped: 0,
  framesOk: 0,
  framesBad: 0,
  connects: 1,
  failures: 0,
};

export type Way = 'toReader' | 'toMeter';

/** Bytes of one way behind so many are held back for so long; those behind them wait as well. */
export interface Stall {
  readonly way: Way;
  readonly at: number;
  /** ms. */
  readonly by: number;
}

export interface VirtualLineOptions {
  readonly clock: VirtualClock;
  readonly meters: readonly Partial<ServerOptions>[];
  readonly stall?: Stall;
}

interface Direction {
  /** When the last byte will be there, monotonic ms. */
  free: number;
  /** Bytes that were sent so far. */
  passed: number;
  /** Those under way, with when they are there. */
  readonly queue: { readonly at: number; readonly byte: number; readonly speed: number }[];
}

/** A serial line with meters at its end, byte by byte at their speed, in time that passes when it is told to. */
export class VirtualLine {
  readonly ways: Readonly<Record<Way, Direction>> = {
    toReader: { free: 0, passed: 0, queue: [] },
    toMeter: { free: 0, passed: 0, queue: [] },
  };
  private readonly meters: readonly IecServer[];
  private readonly baud = { reader: FIRST_BAUD, meter: FIRST_BAUD };
  private readonly chunks: Uint8Array[] = [];
  private wake: () => void = () => {};
  private still: { dispose(): void } | undefined;

  constructor(private readonly o: VirtualLineOptions) {
    this.meters = o.meters.map((meter) => new IecServer(optionsOf(meter)));
  }

  private get clock(): VirtualClock {
    return this.o.clock;
  }

  /** Opens it, at the speed of the source where that names one. */
  open(source = ''): Line {
    const given = /[?&]baud=(\d+)/.exec(source)?.[1];
    if (given !== undefined) this.baud.reader = Number(given);
    let isClosed = false;
    this.chunks.length = 0;
    const read = async function* (this: VirtualLine): AsyncIterableIterator<Uint8Array> {
      while (!isClosed) {
        const chunk = this.chunks.shift();
        if (chunk !== undefined) yield chunk;
        else await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }.bind(this);
    return {
      state: { source, status: 'no-bytes', since: 0, counters: COUNTERS },
      counters: COUNTERS,
      frame: () => undefined,
      record: () => undefined,
      onGap: () => ({ dispose: () => undefined }),
      configure: async ({ baud }: LineSettings) => void (this.baud.reader = baud ?? this.baud.reader),
      write: async (bytes: Uint8Array) => this.carry('toMeter', bytes),
      drain: () => new Promise<void>((resolve) => void this.clock.after(this.ways.toMeter.free - this.clock.monotonic(), resolve)), // prettier-ignore
      close: async () => {
        isClosed = true;
        this.wake();
      },
      [Symbol.asyncIterator]: read,
      read,
    } as unknown as Line;
  }

  /** Sends unasked at a speed of its own; then `endless` again and again, with a second between. */
  say(bytes: Uint8Array, { baud, endless }: { readonly baud: number; readonly endless: Uint8Array }): void {
    this.baud.meter = baud;
    this.carry('toReader', bytes, 1000);
    this.clock.after(this.ways.toReader.free - this.clock.monotonic(), () => this.say(endless, { baud, endless })); // prettier-ignore
  }

  private carry(way: Way, bytes: Uint8Array, wait = 0): void {
    const { clock, baud, o } = this;
    const direction = this.ways[way];
    const speed = way === 'toMeter' ? baud.reader : baud.meter;
    direction.free = Math.max(direction.free, clock.monotonic()) + wait;
    for (const byte of bytes) {
      if (o.stall?.way === way && o.stall.at === direction.passed) direction.free += o.stall.by;
      direction.passed++;
      direction.free += (BITS * 1000) / speed;
      direction.queue.push({ at: direction.free, byte, speed });
    }
    if (direction.queue.length === bytes.length) this.arm(way);
  }

  private arm(way: Way): void {
    const { queue } = this.ways[way];
    const [next] = queue;
    if (next === undefined) return;
    this.clock.after(next.at - this.clock.monotonic(), () => {
      queue.shift();
      // first the next, as what this brings about may send more
      this.arm(way);
      this.arrive(way, next);
    });
  }

  /** A reader who listens at another speed hears something else; a meter finds no character in it. */
  private arrive(way: Way, { byte, speed }: { byte: number; speed: number }): void {
    const isHeard = speed === (way === 'toMeter' ? this.baud.meter : this.baud.reader);
    const heard = Uint8Array.of(isHeard ? byte : byte ^ 0x55);
    if (way === 'toMeter') {
      if (isHeard) this.act(this.meters.map((meter) => meter.receive(heard)));
    } else {
      this.chunks.push(heard);
      this.wake();
    }
  }

  private act(all: readonly (readonly ServerStep[])[]): void {
    for (const step of all.flat())
      if (step.kind === 'speed') this.baud.meter = step.baud;
      else if (step.kind === 'send') this.carry('toReader', step.bytes, REACTION);
    const patience = Math.min(...this.meters.map((meter) => meter.patience ?? Infinity));
    this.still?.dispose();
    if (!Number.isFinite(patience)) return;
    const left = Math.max(0, this.ways.toReader.free - this.clock.monotonic());
    this.still = this.clock.after(left + patience, () => this.act(this.meters.map((meter) => meter.timeout())));
  }
}

/** Tests that are over; a loop of one that took too long would take the processor from those behind it. */
let over = 0;
afterEach(() => void (over += 1));

/** Lets time pass until `done`, from one thing that happens to the next; rejects nothing and ends after `most` ms. */
export async function pass(clock: VirtualClock, done: () => boolean, most = Infinity): Promise<void> {
  const end = clock.monotonic() + most;
  const before = over;
  for (;;) {
    if (over !== before) throw new Error('its test is over');
    // what is promised is done before time goes on
    await new Promise((resolve) => setImmediate(resolve));
    if (done() || clock.monotonic() >= end) return;
    clock.next(Math.min(1000, end - clock.monotonic()));
  }
}

/** What a discovery or test gets, on such a line. */
export function toolsOn(line: VirtualLine, clock: VirtualClock): Tools {
  return { open: (source: string) => line.open(source), now: () => clock.now() } as unknown as Tools;
}
