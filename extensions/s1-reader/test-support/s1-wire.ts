import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { SmxError, VirtualClock } from '@smx-edge/model';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { S1_FRAME_LENGTH, S1Encoder, type S1Format } from '@smx-edge/protocols/s1';
import reader from '../src/index.js';
import type { S1Config } from '../src/settings.js';

const BEGIN = Date.UTC(2026, 0, 14, 11, 2);
export const FOUR_WIRE: S1Format = { meterId: '1SAG1100000292', phases: 3, wires: 4, neutralMeasured: true, samplesPerPeriod: 52, samplesPerSecond: null }; // prettier-ignore

/** 50 Hz, 230 V with 3 % of the fifth order; currents of 10, 5 and 2 A that lag by 60 degrees. */
export const AMPERES = [10, 5, 2];

/** A known wave as the frames of an S1 port. */
export class WaveSource {
  readonly encoder: S1Encoder;
  /** Factor of the voltages, and of the currents. */
  voltage = 1;
  current = 1;
  /** What the meter says of its samples. */
  isValid = true;
  /** Hz that the frames say. */
  mains = 50;
  /** Hz. */
  readonly rate: number;
  private n = 0;

  constructor(readonly format: S1Format) {
    this.encoder = new S1Encoder(format);
    this.rate = format.samplesPerSecond ?? 50 * format.samplesPerPeriod!;
  }

  next(samples: number): Uint8Array {
    const bytes = new Uint8Array(samples * S1_FRAME_LENGTH);
    const voltage = [0, 0, 0];
    const current = [0, 0, 0];
    for (let k = 0; k < samples; k++, this.n++) {
      const turn = (2 * Math.PI * 50 * this.n) / this.rate;
      for (let p = 0; p < 3; p++) {
        const angle = turn - (p * 2 * Math.PI) / 3;
        voltage[p] = this.voltage * 230 * Math.SQRT2 * (Math.sin(angle) + 0.03 * Math.sin(5 * angle));
        current[p] = this.current * AMPERES[p]! * Math.SQRT2 * Math.sin(angle - Math.PI / 3);
      }
      const neutral = current[0]! + current[1]! + current[2]!;
      const sample = { frequency: this.mains, voltage, current, neutral, valid: this.isValid };
      this.encoder.write(bytes, k * S1_FRAME_LENGTH, sample);
    }
    return bytes;
  }
}

/** An S1 port on real TCP and a reader on it, in time that moves only when told. */
export class S1Wire {
  readonly clock: VirtualClock;
  harness!: Harness;
  wave!: WaveSource;
  /** Frames that the reader must have taken or missed. */
  private sent = 0;
  private server!: Server;
  private socket: Socket | undefined;

  /** `begin` in ms UTC. */
  constructor(begin = BEGIN) {
    this.clock = new VirtualClock(begin);
  }

  async open(
    config: Partial<S1Config> = {},
    { format = FOUR_WIRE, state = {} }: { format?: S1Format; state?: Readonly<Record<string, unknown>> } = {},
  ): Promise<this> {
    this.wave = new WaveSource(format);
    this.server = createServer((socket) => {
      socket.on('error', () => {});
      this.socket = socket;
    });
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const connected = once(this.server, 'connection');
    this.harness = runExtension(reader, {
      ...{ clock: this.clock, config: { source: `tcp://127.0.0.1:${port}`, ...config }, state },
    });
    await connected;
    return this;
  }

  /** Sends so many seconds of the wave, a tenth (or `step`) at a time, each taken before the next. */
  async run(seconds: number, step = 0.1): Promise<void> {
    const frames = Math.round(step * this.wave.rate);
    for (let k = 0; k < Math.round(seconds / step); k++) {
      this.clock.advance(step * 1000);
      await this.send(this.wave.next(frames), frames);
    }
  }

  /** Lets frames be lost on the way. */
  lose(frames: number): void {
    this.wave.next(frames);
  }

  /** Writes bytes and waits until so many frames more were counted. */
  async send(bytes: Uint8Array, frames: number): Promise<void> {
    this.sent += frames;
    this.socket?.write(bytes);
    for (let k = 0; k < 2000; k++) {
      if ((await this.counts())['frames']! >= this.sent) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new SmxError('SMX_EXTENSION_TIMEOUT', 'The reader did not take the frames');
  }

  /** Writes bytes of which no frame comes, and waits until they were taken. */
  async noise(bytes: Uint8Array): Promise<void> {
    const before = (await this.counts())['skippedBytes']!;
    this.socket?.write(bytes);
    for (let k = 0; k < 2000; k++) {
      if ((await this.counts())['skippedBytes']! > before) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new SmxError('SMX_EXTENSION_TIMEOUT', 'The reader did not take the bytes');
  }

  async counts(): Promise<Record<string, number>> {
    return (await this.harness.call('counters')) as Record<string, number>;
  }

  async pass(seconds: number): Promise<void> {
    for (let k = 0; k < seconds; k++) {
      this.clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The device server is gone, and whoever tries to reach it is refused. */
  async unplug(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.socket?.destroy();
    await closed;
  }

  value(path: string): unknown {
    return this.harness.seen.values.get(`s1/${path}`)?.value;
  }

  get online(): boolean | undefined {
    return [...this.harness.seen.devices.values()][0]?.online;
  }

  async close(): Promise<void> {
    await this.harness.stop();
    this.socket?.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
