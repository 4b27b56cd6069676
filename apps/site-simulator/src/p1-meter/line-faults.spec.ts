import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@smx-edge/model';
import { P1Decoder, parseKey } from '@smx-edge/protocols/p1';
import { House } from '../house/index.js';
import type { Fault } from '../line/index.js';
import { LineFaults, type P1Fault } from './line-faults.js';
import { P1Port } from './p1-port.js';
import { houseTelegram } from './telegram.js';
import type { P1Version } from './versions.js';

const START = Date.UTC(2026, 4, 12, 14, 46, 0);
const KEY = parseKey('00112233445566778899AABBCCDDEEFF');

/** What a decoder makes of 20 telegrams of a line with these faults, and the bytes. */
function read(faults: readonly Fault<P1Fault>[], version: P1Version = 'emucs-1.7.1', key?: Uint8Array) {
  const house = new House({ start: START });
  const line = new LineFaults(3);
  for (const fault of faults) line.set(fault);
  const seen: { verdict: string; late: number; power: unknown }[] = [];
  const notices: string[] = [];
  const decoder = new P1Decoder({
    ...(key !== undefined && { key }),
    onNotice: ({ kind }) => notices.push(kind),
    onTelegram: (telegram) =>
      seen.push({ verdict: telegram.verdict, late: house.t - telegram.time, power: telegram.get('power/active') }),
  });
  const chunks: (Uint8Array | null)[] = [];
  for (let i = 1; i <= 20; i++) {
    house.step(START + i * 1000);
    const options = { version, serial: '1SAG1100000292', gasSerial: '7FLO2120030045', clock: line.by('clock') };
    const bytes = line.apply(houseTelegram(house, { ...options, ...(key !== undefined && { key }) }));
    chunks.push(bytes);
    if (bytes !== null) decoder.push(bytes);
  }
  return { seen, notices, counts: decoder.counts, chunks, line };
}

describe('faults of a P1 line', () => {
  it('are none where none is asked for', () => {
    const { seen, counts } = read([]);
    expect(seen.map(({ verdict, late }) => [verdict, late])).toEqual(seen.map(() => ['ok', 0]));
    expect(counts).toMatchObject({ ok: 20, bad: 0, skippedBytes: 0, cutFrames: 0 });
  });

  it('noise: bytes outside telegrams are skipped and none that was hit is taken for good', () => {
    const { counts } = read([{ kind: 'noise' }]);
    expect(counts.ok).toBe(0);
    expect(counts.bad).toBeGreaterThan(5);
    expect(counts.skippedBytes).toBeGreaterThan(100);
    const half = read([{ kind: 'noise', share: 0.5 }]).counts;
    expect(half.ok).toBeGreaterThan(3);
    expect(half.ok).toBeLessThan(17);
  });

  it('cut: parts that end with a line are dropped and counted, others spoil the next telegram, and no value is wrong', () => {
    const { counts, seen, line } = read([{ kind: 'cut', share: 0.4, telegrams: 19 }]);
    expect(counts.cutFrames).toBeGreaterThan(0);
    expect(counts.bad).toBeGreaterThan(0);
    expect(counts.ok).toBeGreaterThan(5);
    expect(counts.ok).toBeLessThan(20);
    for (const { verdict, late } of seen) if (verdict === 'ok') expect(late).toBe(0);
    expect(line.list).toEqual([]);
  });

  it('crc: the telegram is there and its verdict is bad', () => {
    const { seen, counts } = read([{ kind: 'crc', telegrams: 5 }]);
    expect(seen.map(({ verdict }) => verdict)).toEqual([...Array<string>(5).fill('bad'), ...Array<string>(15).fill('ok')]); // prettier-ignore
    expect(counts.skippedBytes).toBe(0);
  });

  it('crc: an encrypted telegram with a wrong tag is proved by its inner CRC alone, and that is said', () => {
    const { notices } = read([{ kind: 'crc', telegrams: 2 }], 'luxembourg', KEY);
    expect(notices.filter((kind) => kind === 'unauthenticated')).toHaveLength(2);
  });

  it('silence: nothing comes, then everything again', () => {
    const { chunks, counts } = read([{ kind: 'silence', telegrams: 8 }]);
    expect(chunks.filter((bytes) => bytes === null)).toHaveLength(8);
    expect(counts).toMatchObject({ ok: 12, bad: 0, cutFrames: 0 });
  });

  it('clock: telegrams are good and their time is off until the clock is put right', () => {
    const { seen } = read([{ kind: 'clock', by: -3_600_000, telegrams: 4 }]);
    expect(seen.map(({ verdict, late }) => [verdict, late])).toEqual([
      ...Array<unknown>(4).fill(['ok', 3_600_000]),
      ...Array<unknown>(16).fill(['ok', 0]),
    ]);
  });

  it('are the same for the same seed', () => {
    const bytes = (): unknown => read([{ kind: 'noise', share: 0.6 }, { kind: 'cut', share: 0.2 }]).chunks; // prettier-ignore
    expect(bytes()).toEqual(bytes());
  });

  it('are refused where they make no sense', async () => {
    const line = new LineFaults(1);
    const refusal = expect.objectContaining({ code: 'SMX_SIMULATOR_SETPOINT' });
    expect(() => line.set({ kind: 'noise', share: 2 })).toThrow(refusal);
    expect(() => line.set({ kind: 'cut', telegrams: 0 })).toThrow(refusal);
    expect(() => line.set({ kind: 'clock' })).toThrow(refusal);
    expect(() => line.set({ kind: 'crc', by: 1000 })).toThrow(refusal);
    const address = { host: '127.0.0.1', port: 0 };
    const faults: Fault<P1Fault>[] = [{ kind: 'crc' }];
    await expect(P1Port.open({ version: 'dsmr-3.0', address, faults, log: silentLog })).rejects.toEqual(refusal);
  });
});

const hasSocat = spawnSync('socat', ['-V']).status === 0;

describe('P1 port', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smx-pty-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  (hasSocat ? it : it.skip)('gives the same telegrams on TCP and on a pseudo-terminal', async () => {
    const path = join(folder, 'p1');
    const address = { host: '127.0.0.1', port: 0 };
    const port = await P1Port.open({ version: 'dsmr-5.0.2', address, pty: path, log: silentLog });
    try {
      execFileSync('stty', ['-F', path, 'raw', '-echo']);
      const house = new House({ start: START });
      const times: Record<'tcp' | 'pty', number[]> = { tcp: [], pty: [] };
      const decoder = (name: 'tcp' | 'pty'): P1Decoder =>
        new P1Decoder({
          onTelegram: ({ time, verdict }) => {
            if (verdict === 'ok') times[name].push(time);
          },
        });
      const [tcp, pty] = [decoder('tcp'), decoder('pty')];
      const socket = connect(port.address);
      socket.on('error', () => {}).on('data', (bytes: Buffer) => tcp.push(bytes));
      const file = createReadStream(path);
      file.on('error', () => {}).on('data', (bytes) => pty.push(Buffer.from(bytes)));
      await Promise.all([once(socket, 'connect'), once(file, 'open')]);
      for (let i = 0; i < 600 && Math.min(times.tcp.length, times.pty.length) < 5; i++) {
        house.step(house.t + 1000);
        port.send(house);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      socket.destroy();
      file.destroy();
      expect(times.pty.length).toBeGreaterThanOrEqual(5);
      for (const time of times.pty) expect(time).toBeLessThanOrEqual(house.t);
      expect(times.tcp).toEqual(expect.arrayContaining(times.pty.slice(1, 3)));
    } finally {
      await port.close();
    }
    expect(existsSync(path)).toBe(false);
  });

  (hasSocat ? it : it.skip)('says so where its pseudo-terminal cannot be', async () => {
    const address = { host: '127.0.0.1', port: 0 };
    const pty = join(folder, 'no', 'such', 'folder');
    await expect(P1Port.open({ version: 'emucs-2.1', address, pty, log: silentLog })).rejects.toMatchObject({ code: 'SMX_SIMULATOR_ADDRESS' }); // prettier-ignore
  });
});
