import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { S1_FRAME_LENGTH, S1Encoder } from '@smx-edge/protocols/s1';
import { Box, until } from './smxcore-support.js';

/**
 * A pseudo-terminal has no bits, but it keeps the speed that the port process sets: what is sent over it is spoilt, as by a UART at a
 * wrong speed, until that is the meter's.
 */
const METER = 1_500_000;
const ESSENTIALS = 'site: test\ndata: ./var\ntimezone: Europe/Brussels\nhttp: { port: 0 }\nbroker: { port: 0 }\n';
const run = promisify(execFile);

/** ms between writes, and frames in each. */
const EVERY = 50;
const FRAMES = 130;

class MeterAtSpeed {
  /** Speeds that the reader set, each as often as it changed. */
  readonly speeds: number[] = [];
  private readonly child: ChildProcess;
  private readonly timer: NodeJS.Timeout;
  private readonly encoder = new S1Encoder({ meterId: null, phases: 1, wires: 2, neutralMeasured: false, samplesPerPeriod: 52, samplesPerSecond: null }); // prettier-ignore
  private readonly bytes = new Uint8Array(FRAMES * S1_FRAME_LENGTH);
  private n = 0;
  /** While its speed is asked for. */
  private asking: Promise<void> | undefined;

  constructor(private readonly path: string) {
    this.child = spawn('socat', [`PTY,link=${path},raw,echo=0`, 'STDIO'], { stdio: ['pipe', 'ignore', 'inherit'] });
    this.timer = setInterval(() => this.write(), EVERY);
  }

  /** As it is set now. */
  private async ask(): Promise<void> {
    const { stdout } = await run('stty', ['-F', this.path, 'speed']);
    const speed = Number(stdout);
    if (speed !== this.speeds.at(-1)) this.speeds.push(speed);
    this.asking = undefined;
  }

  private write(): void {
    if (existsSync(this.path)) this.asking ??= this.ask();
    for (let k = 0; k < FRAMES; k++, this.n++) {
      const volts = 325 * Math.sin((2 * Math.PI * this.n) / 52);
      this.encoder.write(this.bytes, k * S1_FRAME_LENGTH, { frequency: 50, voltage: [volts, 0, 0], current: [1, 0, 0], neutral: 0, valid: true }); // prettier-ignore
    }
    const isRight = this.speeds.at(-1) === METER;
    this.child.stdin!.write(isRight ? this.bytes.slice() : this.bytes.map((byte) => byte ^ 0x2a));
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.asking;
    this.child.kill();
  }
}

it('a serial line that names no speed is tried at 2 Mbit/s, then at 1.5, and kept where frames come', async () => {
  const box = new Box('', ESSENTIALS);
  const path = join(box.folder, 'tty');
  const meter = new MeterAtSpeed(path);
  try {
    await until(() => existsSync(path));
    const extensions = { s1: { use: 's1-reader', config: { source: `serial:${path}`, invert: false } } };
    box.write(`${ESSENTIALS}extensions: ${JSON.stringify(extensions)}\n`);
    await box.core();
    const voltage = await until(async () => {
      const { out } = await box.smx(['read', 's1/voltage/l1', '--json']);
      const [point] = (out === '' ? [] : JSON.parse(out)) as { value: number | null }[];
      return point?.value;
    });
    expect(Math.abs(voltage - 325 / Math.SQRT2)).toBeLessThan(1);
    // the first one is that of a new terminal
    expect(meter.speeds.slice(1)).toEqual([2_000_000, METER]);
    // and no other is tried any more
    const { out } = await box.smx(['extensions', '--json']);
    expect(JSON.parse(out)).toMatchObject([{ id: 's1', status: { state: 'ok', text: 'reading' } }]);
  } finally {
    await meter.stop();
    await box.remove();
  }
}, 120_000);
