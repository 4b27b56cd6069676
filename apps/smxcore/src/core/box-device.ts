import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import {
  BAD,
  describeError,
  SampleBatch,
  type Clock,
  type Disposable,
  type HistorySource,
  type Log,
  type Zone,
} from '@smx-edge/model';
import type { LiveTable } from '@smx-edge/datastore';
import { clockState, judgeClock } from './box-clock.js';
import { Credibility } from './credibility.js';

const INTERVAL = 10_000;
const MAX_AGE = 3 * INTERVAL;

const POINTS = [
  { quantity: 'online', unit: null, type: 'boolean', kind: 'state' },
  { quantity: 'cpu/load', unit: '%', type: 'number', kind: 'measurement' },
  { quantity: 'memory/used', unit: 'By', type: 'number', kind: 'measurement' },
  { quantity: 'disk/free', unit: 'By', type: 'number', kind: 'measurement' },
  { quantity: 'temperature', unit: 'Cel', type: 'number', kind: 'measurement' },
  { quantity: 'quality/credible', unit: '%', type: 'number', kind: 'measurement' },
  { quantity: 'clock/ok', unit: null, type: 'boolean', kind: 'state' },
] as const;
type Quantity = (typeof POINTS)[number]['quantity'];

interface Measured {
  /** NaN = null. */
  readonly value: number;
  readonly reason?: string;
}

const SENSOR = '/sys/class/thermal/thermal_zone0/temp';
function temperature(): Measured {
  if (!existsSync(SENSOR)) return { value: NaN, reason: 'no sensor' };
  const value = Number(readFileSync(SENSOR, 'utf8')) / 1000;
  return Number.isFinite(value) ? { value } : { value: NaN, reason: 'the sensor gives no number' };
}

function clockOk(now: number): Measured {
  const verdict = judgeClock(now);
  if (verdict === 'untold') return { value: NaN, reason: 'no time service tells' };
  return { value: verdict === 'set' ? 1 : 0 };
}

/** Memory that is not available to new work, as the kernel estimates it (proc(5), MemAvailable). */
function memoryUsed(): number {
  const match = existsSync('/proc/meminfo')
    ? /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))
    : null;
  return totalmem() - (match === null ? freemem() : Number(match[1]) * 1024);
}

/** A data folder that is gone must not silence all the rest. */
async function diskFree(folder: string): Promise<Measured> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { value: bavail * bsize };
  } catch (error) {
    return { value: NaN, reason: `the data folder cannot be read: ${describeError(error)}` };
  }
}

interface Times {
  readonly busy: number;
  readonly all: number;
}

function cpuTimes(): Times {
  let busy = 0;
  let all = 0;
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.irq + times.idle;
    all += sum;
    busy += sum - times.idle;
  }
  return { busy, all };
}

export interface BoxDeviceOptions {
  readonly live: LiveTable;
  readonly history: HistorySource;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly log: Log;
  readonly dataFolder: string;
  /** The clock is to be believed from now on, or no more. */
  readonly onClock: () => void;
}

/** The SMX itself as device `box` (contracts §3), each 10 s. */
export class BoxDevice {
  private readonly batch = new SampleBatch(POINTS.length);
  private readonly handles = new Map<Quantity, number>();
  private readonly credibility: Credibility;
  private times = cpuTimes();
  private clockState: 'ok' | 'unsure';
  private timer: Disposable | undefined;
  private closed = false;
  /** Whether it is known what an earlier run of today found credible. */
  private isResumed = false;

  constructor(private readonly options: BoxDeviceOptions) {
    const { live, clock, zone } = options;
    this.credibility = new Credibility({ live, zone });
    this.clockState = clockState(clock.now());
    live.setDevice({ name: 'box', instance: 'core', kind: 'box', online: true, since: clock.now() });
    for (const { quantity, unit, type, kind } of POINTS)
      this.handles.set(
        quantity,
        live.declare({ path: `box/${quantity}`, device: 'box', instance: 'core', unit, type, kind, maxAge: MAX_AGE }),
      );
  }

  /** Measures at once and from then on. */
  start(): void {
    // a store that answers late holds up nothing else
    void this.resume();
    this.go();
  }

  stop(): void {
    this.closed = true;
    this.timer?.dispose();
  }

  private async resume(): Promise<void> {
    const { clock, history, log } = this.options;
    try {
      await this.credibility.resume(history, { handle: this.handles.get('quality/credible')!, now: clock.now() });
    } catch (error) {
      log.warn('what was credible today before this start is not known', { error: describeError(error) });
    }
    this.isResumed = true;
  }

  private go(): void {
    if (this.closed) return;
    this.measure()
      .catch((error: unknown) =>
        this.options.log.warn('the box cannot measure itself', { error: describeError(error) }),
      )
      .finally(() => {
        if (!this.closed) this.timer = this.options.clock.after(INTERVAL, () => this.go());
      });
  }

  private async measure(): Promise<void> {
    const free = await diskFree(this.options.dataFolder);
    if (this.closed) return;
    const now = this.options.clock.now();
    this.batch.clear(now);
    this.add('online', { value: 1 });
    this.add('cpu/load', this.load());
    this.add('memory/used', { value: memoryUsed() });
    this.add('disk/free', free);
    this.add('temperature', temperature());
    this.add('clock/ok', clockOk(now));
    this.add('quality/credible', this.credible(now));
    this.options.live.ingest(this.batch);
    this.tellClock(now);
  }

  private tellClock(now: number): void {
    const before = this.clockState;
    this.clockState = clockState(now);
    if (this.clockState !== before) this.options.onClock();
  }

  private credible(now: number): Measured {
    const value = this.credibility.look(now);
    if (!this.isResumed) return { value: NaN, reason: 'the store has not told yet how today began' };
    return Number.isNaN(value) ? { value, reason: 'no point owes samples yet' } : { value };
  }

  /** Share of all cores that was busy since the last time. */
  private load(): Measured {
    const before = this.times;
    this.times = cpuTimes();
    const all = this.times.all - before.all;
    if (all <= 0) return { value: NaN, reason: 'no time has passed' };
    return { value: Math.round(((this.times.busy - before.busy) / all) * 1000) / 10 };
  }

  private add(quantity: Quantity, { value, reason }: Measured): void {
    const i = this.batch.add(this.handles.get(quantity)!);
    this.batch.number[i] = value;
    if (Number.isNaN(value)) this.batch.quality[i] = BAD;
    if (reason !== undefined) this.batch.reason.set(i, reason);
  }
}
