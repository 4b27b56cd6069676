import { connect, type Socket } from 'node:net';
import { S1Decoder, type S1Block } from '@smx-edge/protocols/s1';
import { until } from './listener.js';

const CHANNELS = 7;

/** Whoever reads an S1 port: keeps every sample at its place among all since the first. */
export class S1Reader {
  /** u1 u2 u3 i1 i2 i3 in by place; absent where the sample is missing. */
  readonly samples: (Float64Array | undefined)[] = [];
  /** Hz of the meter at the last sample of each block. */
  readonly frequencies: (number | null)[] = [];
  format: S1Block['format'] | undefined;
  invalid = 0;
  private readonly decoder = new S1Decoder({ onBlock: (block) => this.keep(block) });

  get counts(): S1Decoder['counts'] {
    return this.decoder.counts;
  }

  /** What came, and with `at` when, ms. */
  push(bytes: Uint8Array, at?: number): void {
    this.decoder.push(bytes, at);
  }

  /** The end of a recording. */
  flush(): void {
    this.decoder.flush();
  }

  /** Mean over samples `from` … `to` of what `of` makes of one; NaN where one of them is missing. */
  mean(from: number, to: number, of: (sample: Float64Array) => number): number {
    let sum = 0;
    for (let n = from; n < to; n++) sum += this.samples[n] === undefined ? NaN : of(this.samples[n]!);
    return sum / (to - from);
  }

  /** W of one phase, 0 … 2. */
  power(phase: number, from: number, to: number): number {
    return this.mean(from, to, (sample) => sample[phase]! * sample[phase + 3]!);
  }

  /** RMS of a channel. */
  rms(channel: number, from: number, to: number): number {
    return Math.sqrt(this.mean(from, to, (sample) => sample[channel]! ** 2));
  }

  private keep(block: S1Block): void {
    const { voltage, current, neutral } = block;
    this.format = block.format;
    this.frequencies.push(block.frequency);
    if (!block.valid) this.invalid += block.count;
    for (let i = 0; i < block.count; i++) {
      const sample = new Float64Array(CHANNELS);
      [...voltage, ...current, neutral].forEach((channel, n) => (sample[n] = channel[i]!));
      this.samples[block.first + i] = sample;
    }
  }
}

/** A reader on TCP. */
export async function readS1(address: { host: string; port: number }): Promise<{ reader: S1Reader; socket: Socket }> {
  const reader = new S1Reader();
  const socket = connect(address);
  socket.on('error', () => {}).on('data', (bytes: Buffer) => reader.push(bytes));
  await until(() => socket.readyState === 'open');
  return { reader, socket };
}
