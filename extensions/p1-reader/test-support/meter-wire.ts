import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { SmxError, VirtualClock } from '@smx-edge/model';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { encodeTelegram, formatTst, hexText, type EncodableObject } from '@smx-edge/protocols/p1';
import reader from '../src/index.js';
import type { P1Config } from '../src/settings.js';

/** Winter noon in Brussels, on a quarter hour. */
export const NOON = Date.UTC(2026, 0, 14, 11);

/** Text objects by code, in order; an array for more than one bracket. */
export type Objects = Readonly<Record<string, string | readonly string[]>>;

/** A Belgian telegram at `t` with these objects besides version, id and time; a key with null leaves one of those out. */
export function belgian(t: number, objects: Objects, serial = '1SAG1100000292'): Uint8Array {
  const all: Objects = { '0-0:96.1.4': '50217', '0-0:96.1.1': hexText(serial), '0-0:1.0.0': formatTst(t, 3_600_000), ...objects }; // prettier-ignore
  return encodeTelegram({ ident: 'FLU5\\253770234_A', objects: lines(all) });
}

export function lines(objects: Objects): EncodableObject[] {
  return Object.entries(objects).map(([obis, text]) => ({ obis, groups: typeof text === 'string' ? [text] : text }));
}

/** A P1 port on real TCP and a reader on it, in time that moves only when told. */
export class MeterWire {
  readonly clock: VirtualClock;
  harness!: Harness;
  private server!: Server;
  private socket: Socket | undefined;

  constructor(start = NOON) {
    this.clock = new VirtualClock(start);
  }

  async open(config: Partial<P1Config> = {}, state: Readonly<Record<string, unknown>> = {}): Promise<this> {
    this.server = createServer((socket) => {
      socket.on('error', () => {});
      this.socket = socket;
    });
    this.server.on('error', () => {});
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const connected = once(this.server, 'connection');
    this.harness = runExtension(reader, {
      clock: this.clock,
      config: { source: `tcp://127.0.0.1:${port}`, ...config },
      timezone: 'Europe/Brussels',
      state,
    });
    await connected;
    return this;
  }

  /** Writes bytes as they are. */
  write(bytes: Uint8Array | string): void {
    this.socket?.write(bytes);
  }

  /** Sends a telegram and waits until the reader has made values of it and all of them have come. */
  async telegram(bytes: Uint8Array): Promise<void> {
    const { seen } = this.harness;
    const before = this.count();
    this.write(bytes);
    await this.harness.until(() => this.count() > before);
    // points seen for the first time are answered for before their values travel
    let batches = -1;
    for (let still = 0; still < 3; still++) {
      if (seen.batches.length !== batches) still = 0;
      batches = seen.batches.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Telegrams that have given values. */
  private count(): number {
    return this.harness.seen.batches.flat().filter(({ path }) => path === 'pcc/clock/offset').length;
  }

  /** Sends what must give no values, and waits until the line has said so. */
  async rejected(bytes: Uint8Array): Promise<void> {
    this.write(bytes);
    const count = (): Promise<unknown> => this.harness.call('counters');
    const before = JSON.stringify(await count());
    for (let i = 0; i < 500 && JSON.stringify(await count()) === before; i++)
      await new Promise((r) => setTimeout(r, 5));
    if (JSON.stringify(await count()) === before)
      throw new SmxError('SMX_EXTENSION_TIMEOUT', 'The reader took no notice of the bytes');
  }

  /** Waits until the reader has seen `count` telegrams, whatever became of them. */
  async frames(count: number): Promise<void> {
    let seen = 0;
    for (let i = 0; i < 500 && seen < count; i++) {
      const counts = (await this.harness.call('counters')) as Record<'ok' | 'bad' | 'absent' | 'restored', number>;
      seen = counts.ok + counts.bad + counts.absent + counts.restored;
      if (seen < count) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (seen < count) throw new SmxError('SMX_EXTENSION_TIMEOUT', `The reader has seen ${seen} of ${count} telegrams`);
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.advance(Math.min(1000, left));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  value(path: string): unknown {
    return this.harness.seen.values.get(path)?.value;
  }

  codes(): string[] {
    return this.harness.seen.events.map(({ code, state }) => (state === 'once' ? code : `${code} ${state}`));
  }

  async close(): Promise<Record<string, unknown>> {
    await this.harness.stop();
    this.socket?.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    return Object.fromEntries(this.harness.seen.state);
  }
}
