import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian has the libfaketime for programs with threads. */
export const FAKETIME =
  readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`)
    .find((path) => existsSync(path)) ?? '/usr/lib/faketime/libfaketimeMT.so.1';

/** Before a core and, by its `NODE_OPTIONS`, before its extensions. */
const LOADED = {
  LD_PRELOAD: FAKETIME,
  NO_FAKE_STAT: '1',
  NODE_OPTIONS: `--require=${join(process.cwd(), 'test/faults/children/same-clock.cjs')}`,
};

/** Environment of a core that lives `pace` times faster, with all of its clocks. */
export const hurried = (pace: number): Record<string, string> => ({ ...LOADED, FAKETIME: `+0 x${pace}` });

interface Change {
  /** When, by the clock of this process, ms UTC. */
  readonly at: number;
  /** How much the box is ahead of that from then on, ms. */
  readonly ahead: number;
  /** No box ran that could see it. */
  readonly isUnseen: boolean;
}

/** The wall clock of a box, that can be set while the box runs; its monotonic clock runs on as that of a kernel does. */
export class BoxClock {
  private readonly folder = mkdtempSync(join(tmpdir(), 'smx-clock-'));
  private readonly file = join(this.folder, 'offset');
  readonly changes: Change[] = [];

  constructor() {
    this.start(0);
  }

  /** Environment of the core. */
  get env(): Record<string, string> {
    return {
      ...LOADED,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** ms before or behind the clock of this process. */
  get ahead(): number {
    return this.changes.at(-1)!.ahead;
  }

  /** ms UTC that the box takes it to be. */
  now(): number {
    return Date.now() + this.ahead;
  }

  /** Sets it where no box runs that could see it. */
  start(ahead: number): void {
    this.change({ ahead, isUnseen: true });
  }

  set(ahead: number): void {
    this.change({ ahead, isUnseen: false });
  }

  /** How much ahead it was at any time from `from` to `to`, by the clock of this process. */
  between(from: number, to: number): readonly number[] {
    const before = this.changes.filter(({ at }) => at <= from).at(-1);
    const within = this.changes.filter(({ at }) => at > from && at <= to);
    return [...(before === undefined ? [] : [before]), ...within].map(({ ahead }) => ahead);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private change({ ahead, isUnseen }: { ahead: number; isUnseen: boolean }): void {
    const sign = ahead < 0 ? '-' : '+';
    writeFileSync(`${this.file}.new`, `${sign}${(Math.abs(ahead) / 1000).toFixed(3)}`);
    // a reader sees the one or the other, never half of it
    renameSync(`${this.file}.new`, this.file);
    this.changes.push({ at: Date.now(), ahead, isUnseen });
  }
}
