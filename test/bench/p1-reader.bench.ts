import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@smx-edge/model';
import { P1Decoder } from '@smx-edge/protocols/p1';
import { Runtime, type Channel } from '@smx-edge/extension-api/runtime';
import { listenLines, openLine } from '@smx-edge/extension-api/transports';
import type { Line } from '@smx-edge/extension-api';
import reader from '@smx-edge/p1-reader';
import { House, houseTelegram } from '@smx-edge/site-simulator';
import { medianOf, type Bench } from './row.js';

const TELEGRAMS = 3000;
const START = Date.UTC(2026, 4, 12, 10);
const METER = { version: 'emucs-1.7.1', serial: '1SAG1100000292', gasSerial: '7FLO2120030045' } as const;

/** 50 minutes of a Belgian meter, a telegram a second. */
function recording(): Uint8Array {
  const house = new House({ start: START });
  const telegrams = Array.from({ length: TELEGRAMS }, (_, i) => {
    house.step(START + i * 1000);
    return houseTelegram(house, METER);
  });
  return Buffer.concat(telegrams);
}

/** A host that answers and keeps nothing: counts batches as they would cross to it. */
class Sink implements Channel {
  readonly congested = false;
  bytes = 0;
  private receive: Parameters<Channel['onMessage']>[0] = () => {};

  send(message: Parameters<Channel['send']>[0]): void {
    this.bytes += JSON.stringify(message).length;
    if (message[0] === 'point') setImmediate(() => this.receive(['point', message[1], message[1], null]));
    if (message[0] === 'device') setImmediate(() => this.receive(['device', message[1], message[2], null]));
    if (message[0] === 'state-get' || message[0] === 'state-set' || message[0] === 'event')
      setImmediate(() => this.receive(['ok', message[1], null]));
  }

  onDrain(): void {
    // never congested
  }

  onMessage(fn: Parameters<Channel['onMessage']>[0]): void {
    this.receive = fn;
  }
}

/** Telegrams per second from the bytes of a replayed line to encoded batches for the host. */
async function throughReader(file: string): Promise<number> {
  let line: Line | undefined;
  const runtime = new Runtime({
    extension: reader,
    channel: new Sink(),
    clock: systemClock,
    lines: { openLine: (source, options) => (line = openLine(source, options)), listenLines },
    start: {
      mode: 'run',
      instance: 'bench',
      site: 'bench',
      timezone: 'Europe/Brussels',
      config: { source: `file:${file}?speed=0` },
      main: '',
      permissions: { network: true, listen: true, serial: true },
    },
  });
  const begin = performance.now();
  await runtime.run();
  const rate = (TELEGRAMS * 1000) / (performance.now() - begin);
  await line?.close();
  await runtime.stop();
  return rate;
}

/** The bare limit: the codec alone over the same bytes. */
function throughDecoder(bytes: Uint8Array): number {
  let seen = 0;
  const decoder = new P1Decoder({ onTelegram: () => (seen += 1) });
  const begin = performance.now();
  decoder.push(bytes);
  return (seen * 1000) / (performance.now() - begin);
}

function houseSeconds(): number {
  const house = new House({ start: START });
  const begin = performance.now();
  house.step(START + 200_000_000);
  return 200_000_000 / (performance.now() - begin);
}

export const bench: Bench = {
  name: 'p1-reader',
  async run() {
    const dir = mkdtempSync(join(tmpdir(), 'smx-bench-p1-'));
    try {
      const bytes = recording();
      const file = join(dir, 'p1.txt');
      writeFileSync(file, bytes);
      const telegrams = await medianOf(5, () => throughReader(file));
      const limit = await medianOf(5, () => throughDecoder(bytes));
      const seconds = await medianOf(3, houseSeconds);
      return [
        { name: 'p1-reader: eMUCS 1.7.1 telegrams, line to batches', figure: telegrams, unit: '1/s', target: 5000, limit, better: 'more' }, // prettier-ignore
        {
          name: 'virtual house: seconds lived',
          figure: seconds,
          unit: '1/s',
          target: 200_000,
          limit: null,
          better: 'more',
        },
      ];
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
