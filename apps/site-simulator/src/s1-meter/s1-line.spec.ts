import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@smx-edge/model';
import { House } from '../house/index.js';
import { parseSiteConfig, startSite } from '../site/index.js';
import { until } from '../../test-support/listener.js';
import { S1Reader, readS1 } from '../../test-support/s1-reader.js';
import { S1Rig } from '../../test-support/s1-rig.js';
import { S1Port } from './s1-port.js';

const START = '2026-01-14T12:00:00Z';
const FRAME = 45;

describe('the line of an S1 port', () => {
  it.each([
    ['loss', { missing: 'loss' }],
    ['crc', { missing: 'crc', badFcs: 'crc' }],
    ['cut', { missing: 'cut', cut: 'cut' }],
    ['invalid', { missing: 'loss', invalid: 'invalid' }],
    ['noise', { missing: 'loss', skippedBytes: 'noise' }],
  ] as const)('does what the fault "%s" says, as exactly as the reader counts it', async (fault, pairs) => {
    const rig = await S1Rig.open(START);
    await rig.pass(1000);
    expect(rig.say({ fault, meter: 's1', telegrams: 5000, share: 0.03 })).toEqual({ ok: true });
    await rig.pass(4000);
    const { counts } = rig.port;
    expect(rig.port.activeFaults).toEqual([]);
    for (const [read, made] of Object.entries(pairs))
      expect([read, rig.reader.counts[read as 'missing']]).toEqual([read, counts[made]]);
    const struck = fault === 'noise' ? counts.noise / 7 : counts[fault];
    expect(struck).toBeGreaterThan(80);
    expect(struck).toBeLessThan(240);
    // every sample that came stands where it was taken
    expect(rig.reader.frequencies.length).toBeGreaterThan(0);
    await rig.close();
  });

  it('drops frames where it was held up too long, and counts them', async () => {
    const house = new House({ start: Date.parse(START), seed: 3 });
    const options = { address: { host: '127.0.0.1', port: 0 }, seed: 1, neutral: true, meterId: '', isInverted: false };
    const port = await S1Port.open({ ...options, connection: 'three-phase', samplesPerSecond: 2000 }, { house, log: silentLog, speed: 1 }); // prettier-ignore
    port.advance(house.t);
    house.step(house.t + 60_000);
    port.advance(house.t);
    expect(port.counts).toMatchObject({ made: 65_000, loss: 60_000 });
    for (let i = 0; i < 20; i++) port.advance(house.t);
    expect(port.counts).toMatchObject({ made: 120_000, loss: 60_000 });
    await port.close();
  });

  it('sends faster than real time without loss', async () => {
    const site = await startSite(parseSiteConfig({ start: START, speed: 20, meters: [{ protocol: 's1', port: 0 }] }));
    const port = site.meters.get('s1') as S1Port;
    const { reader, socket } = await readS1(port.address);
    try {
      const [began, from] = [performance.now(), site.house.t];
      await until(() => reader.counts.frames > 50_000);
      expect(site.house.t - from).toBeGreaterThan(2 * (performance.now() - began));
      expect(port.counts.loss).toBe(0);
      expect(reader.counts).toMatchObject({ missing: 0, skippedBytes: 0, badFcs: 0 });
    } finally {
      socket.destroy();
      await site.stop();
    }
  });

  const hasSocat = spawnSync('socat', ['-V']).status === 0;
  (hasSocat ? it : it.skip)('sends the same on a pseudo-terminal, in real time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smx-s1-'));
    const pty = join(folder, 's1');
    const site = await startSite(parseSiteConfig({ start: START, meters: [{ protocol: 's1', port: 0, pty }] }));
    try {
      execFileSync('stty', ['-F', pty, 'raw', '-echo']);
      const reader = new S1Reader();
      const file = createReadStream(pty);
      file.on('error', () => {}).on('data', (bytes) => reader.push(Buffer.from(bytes)));
      await until(() => reader.counts.frames > 2 * 2600);
      file.destroy();
      const port = site.meters.get('s1') as S1Port;
      const { voltage } = port.truth.seconds.at(-1)!;
      const last = reader.samples.length;
      for (const phase of [0, 1, 2])
        expect(Math.abs(reader.rms(phase, last - 520, last) - voltage[phase]!)).toBeLessThan(1);
      expect(reader.counts).toMatchObject({ badFcs: 0, cut: 0 });
      // it may begin within a frame
      expect(reader.counts.skippedBytes).toBeLessThan(FRAME);
    } finally {
      await site.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
