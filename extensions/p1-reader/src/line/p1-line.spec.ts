import type { Line, LineSettings, LineState } from '@smx-edge/extension-api';
import { Zone } from '@smx-edge/model';
import { encodeTelegram, encryptFrame, type P1Telegram } from '@smx-edge/protocols/p1';
import { P1Line, type P1LineOptions } from './p1-line.js';

const counters = {
  bytesIn: 0,
  bytesOut: 0,
  chunks: 0,
  dropped: 0,
  framesOk: 0,
  framesBad: 0,
  connects: 1,
  failures: 0,
};

/** A serial line to a device that speaks at one speed: at any other the bits fall into the wrong bytes. */
class Uart implements Line {
  readonly counters = counters;
  readonly state: LineState = { source: 'serial:/dev/test', status: 'no-frames', since: 0, counters };
  readonly verdicts: string[] = [];
  readonly settings: LineSettings[] = [];
  private baud = 0;
  private readonly queue: Uint8Array[] = [];
  private wake: () => void = () => {};
  private open = true;

  constructor(private readonly speed: number) {}

  /** The device sends. */
  send(bytes: Uint8Array): void {
    const wrong = this.baud === this.speed ? bytes : bytes.map((byte, i) => (byte * 37 + i * 91) & 0xff);
    this.queue.push(wrong);
    this.wake();
  }

  async *read(): AsyncIterableIterator<Uint8Array> {
    while (this.open) {
      const next = this.queue.shift();
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.read();
  }

  async configure(settings: LineSettings): Promise<void> {
    this.settings.push(settings);
    this.baud = settings.baud ?? this.baud;
  }

  async close(): Promise<void> {
    this.open = false;
    this.wake();
  }

  frame(verdict: 'ok' | 'bad'): void {
    this.verdicts.push(verdict);
  }

  onGap = (): { dispose(): void } => ({ dispose: () => {} });
  write = async (): Promise<void> => {};
  drain = async (): Promise<void> => {};
  flush = async (): Promise<void> => {};
  break = async (): Promise<void> => {};
  record = (): void => {};
}

const telegram = encodeTelegram({
  ident: 'KMP5 KA6U001585575011',
  crc: false,
  objects: [
    { obis: '1-0:1.8.1', groups: ['12345.678*kWh'] },
    { obis: '1-0:1.7.0', groups: ['0001.19*kW'] },
  ],
});

async function reading(
  speed: number,
  options: Partial<P1LineOptions>,
): Promise<{ uart: Uart; powers: unknown[]; texts: string[]; at(ms: number): Promise<string>; done(): Promise<void> }> {
  // prettier-ignore
  const uart = new Uart(speed);
  const powers: unknown[] = [];
  const texts: string[] = [];
  let now = 0;
  const line = new P1Line({
    line: uart,
    zone: new Zone('Europe/Amsterdam'),
    acceptAbsent: false,
    searchSpeed: false,
    now: () => now,
    onTelegram: (seen: P1Telegram) => void powers.push(seen.get('power/active/import')),
    ...options,
  });
  const ended = line.run();
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  await settle();
  return {
    uart,
    powers,
    texts,
    at: async (ms) => {
      await settle();
      now = ms;
      const { code, text } = line.tick();
      await settle();
      texts.push(text);
      return code;
    },
    done: async () => {
      await uart.close();
      await ended;
    },
  };
}

describe('a serial line that does not name its speed', () => {
  it('is found at 9600 7E1 by the garbage at 115200, within two telegrams', async () => {
    const { uart, powers, at, done } = await reading(9600, { searchSpeed: true });
    for (let second = 0; second <= 30; second++) {
      if (second % 10 === 0) uart.send(Buffer.concat([telegram, telegram]));
      await at(second * 1000);
    }
    expect(uart.settings).toEqual([
      { baud: 115_200, mode: '8N1' },
      { baud: 9600, mode: '7E1' },
    ]);
    expect(powers).toEqual([1190, 1190, 1190, 1190, 1190, 1190]);
    await done();
  });

  it('stays as the source says where it says it', async () => {
    const { uart, at, done } = await reading(9600, {});
    for (let second = 0; second <= 60; second++) {
      uart.send(telegram);
      await at(second * 1000);
    }
    expect(uart.settings).toEqual([]);
    await done();
  });
});

describe('a meter that sends no end mark', () => {
  it('is read once it pauses', async () => {
    const { uart, powers, at, done } = await reading(0, {});
    uart.send(Buffer.from(Buffer.from(telegram).toString('latin1').split('!')[0]!, 'latin1'));
    await at(1000);
    expect(powers).toEqual([]);
    await at(3000);
    expect(powers).toEqual([1190]);
    await done();
  });
});

describe('an encrypted meter', () => {
  const key = '0123456789ABCDEF0123456789ABCDEF';
  const inner = encodeTelegram({
    ident: 'SAG5SAGEMCOM',
    objects: [
      { obis: '1-3:0.2.8', groups: ['42'] },
      { obis: '1-0:1.7.0', groups: ['00.220*kW'] },
    ],
  });
  const frame = encryptFrame(inner, { key: Buffer.from(key, 'hex'), title: Buffer.from('SAGgp123'), counter: 7 });

  it('is told apart without key, with a wrong key, and read with the right one', async () => {
    const outcomes: [string, unknown[], string[]][] = [];
    for (const given of [undefined, 'F'.repeat(32), key]) {
      const { uart, powers, at, done } = await reading(0, { key: given });
      uart.send(frame);
      outcomes.push([await at(100), powers, uart.verdicts]);
      await done();
    }
    expect(outcomes).toEqual([
      ['encrypted-without-key', [], ['bad']],
      ['wrong-key', [], ['bad']],
      ['ok', [220], ['ok']],
    ]);
  });

  it('is read with a tag that does not match where the CRC inside is right, and the status says so while it is so', async () => {
    const { uart, powers, texts, at, done } = await reading(0, { key, aad: 'F'.repeat(32) });
    uart.send(frame);
    expect(await at(100)).toBe('ok');
    expect(powers).toEqual([220]);
    expect(texts.at(-1)).toMatch(/tag does not match.*`aad`/);
    await at(20_000);
    uart.send(telegram);
    await at(26_000);
    expect(texts.at(-1)).toBe('reading');
    await done();
  });
});

describe('a gateway that changes the line ends', () => {
  it('is named in the status', async () => {
    const { uart, powers, texts, at, done } = await reading(0, {});
    const whole = encodeTelegram({ ident: 'ISK5', objects: [{ obis: '1-0:1.7.0', groups: ['00.220*kW'] }] });
    uart.send(Buffer.from(Buffer.from(whole).toString('latin1').replaceAll('\r\n', '\n'), 'latin1'));
    expect(await at(100)).toBe('ok');
    expect(powers).toEqual([220]);
    expect(texts.at(-1)).toContain('line ends');
    await done();
  });
});
