import { open, type FileHandle } from 'node:fs/promises';
import type { Disposable } from '@smx-edge/model';
import { CaptureReader, isCapture, type CaptureRecord } from '../capture.js';
import type { Connection, Connector, ConnectorOptions, Sink } from '../connector.js';
import { LineFault } from '../fault.js';
import type { FileSource, Source } from '../source.js';

const BLOCK = 64 * 1024;
/** A raw file has no times: so many bytes at once, at the pace of its baud rate. */
const RAW_CHUNK = 256;
/** How long a replay waits for the driver to write what was written when it was recorded, ms of recorded time. */
const TURN = 5000;

interface Replay {
  readonly source: FileSource & Source;
  readonly options: ConnectorOptions;
  readonly file: FileHandle;
  readonly sink: Sink;
}

/** Plays a file into the sink: a capture with its times and turns, anything else at the pace of a serial line. */
class Player implements Connection {
  private paused = false;
  private closed = false;
  /** Bytes the driver has written that no recorded write has been matched with. */
  private written = 0;
  private delivered = 0;
  private begin = 0;
  private timer: Disposable | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly replay: Replay) {}

  start(): void {
    this.run().then(
      () => this.done(new LineFault('ended', `${this.replay.source.label}: the replay is over`)),
      (error: unknown) => this.done(error),
    );
  }

  write(bytes: Uint8Array): Promise<void> {
    this.written += bytes.length;
    this.stir();
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.stir();
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
    this.timer?.dispose();
    this.stir();
  }

  private done(error: unknown): void {
    this.closed = true;
    const { file, sink } = this.replay;
    file.close().then(
      () => sink.end(error),
      (failure: unknown) => sink.end(failure),
    );
  }

  private async run(): Promise<void> {
    const { source, sink } = this.replay;
    for (let before = 0; ; before = this.delivered) {
      this.begin = this.replay.options.clock.monotonic();
      await this.pass();
      // an empty file must not be played in a busy loop
      if (!source.loop || this.closed || this.delivered === before) return;
      sink.gap('reconnect');
    }
  }

  private async pass(): Promise<void> {
    let reader: CaptureReader | undefined;
    let offset = 0;
    const block = Buffer.allocUnsafe(BLOCK);
    for (;;) {
      if (this.closed) return;
      const { bytesRead } = await this.replay.file.read(block, 0, BLOCK, offset);
      const bytes = block.subarray(0, bytesRead);
      if (offset === 0 && isCapture(bytes)) reader = new CaptureReader();
      if (reader !== undefined) await this.records(bytesRead === 0 ? reader.end() : reader.push(bytes));
      else await this.raw(bytes, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
    }
  }

  private async records(records: readonly CaptureRecord[]): Promise<void> {
    for (const record of records) {
      await this.until(record.t);
      if (this.closed) return;
      if (record.direction === 'in') this.deliver(record.bytes);
      else if (record.direction === 'gap') this.replay.sink.gap('reconnect');
      else await this.turn(record.bytes.length);
    }
  }

  private async raw(bytes: Uint8Array, offset: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += RAW_CHUNK) {
      await this.until(((offset + at) * 10_000) / this.replay.source.baud);
      if (this.closed) return;
      this.deliver(Uint8Array.from(bytes.subarray(at, at + RAW_CHUNK)));
    }
  }

  private deliver(bytes: Uint8Array): void {
    this.delivered++;
    this.replay.sink.data(bytes);
  }

  /** Waits until `t` ms of recorded time have passed, and for a reader that is slow. */
  private async until(t: number): Promise<void> {
    const { source, options } = this.replay;
    while (this.paused && !this.closed) await this.stirred();
    if (source.speed === 0 || this.closed) return;
    const wait = this.begin + t / source.speed - options.clock.monotonic();
    if (wait > 0) await this.pauseFor(wait, () => false);
  }

  /** A recorded write: what follows is an answer to it, so the driver writes first. */
  private async turn(length: number): Promise<void> {
    const before = this.replay.options.clock.monotonic();
    const speed = this.replay.source.speed === 0 ? 1 : this.replay.source.speed;
    await this.pauseFor(TURN / speed, () => this.written >= length);
    this.written = Math.max(0, this.written - length);
    this.begin += this.replay.options.clock.monotonic() - before;
  }

  private async pauseFor(ms: number, until: () => boolean): Promise<void> {
    const wait = { over: false };
    this.timer = this.replay.options.clock.after(ms, () => {
      wait.over = true;
      this.stir();
    });
    while (!wait.over && !this.closed && !until()) await this.stirred();
    this.timer.dispose();
  }

  private stirred(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  private stir(): void {
    this.wake?.();
    this.wake = undefined;
  }
}

export function fileConnector(source: FileSource & Source, options: ConnectorOptions): Connector {
  return {
    label: source.label,
    once: true,
    leastIdle: Infinity,
    async connect(sink) {
      return new Player({ source, options, file: await open(source.path, 'r'), sink });
    },
  };
}
