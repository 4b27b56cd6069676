import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { LineSplitter, type ToChild } from '@smx-edge/extension-api/wire';
import { SmxError, type Clock, type Disposable } from '@smx-edge/model';
import { capMemory } from './memory-cap.js';
import { MemoryProbe, innermost } from './memory-probe.js';
import { OutputCapture, type InstanceLog } from './output.js';
import { TokenBucket } from './token-bucket.js';

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** Whether `command` only starts the process, so that its memory is a descendant's. */
  readonly wrapped: boolean;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why the host ended it, where it did. */
  readonly why: SmxError | undefined;
  readonly lastLines: readonly string[];
}

export interface Watchdog {
  /** Between pings. */
  readonly ping: number;
  /** Silence after a ping that means "not responding". */
  readonly silence: number;
  /** The same before the first word of the process. */
  readonly firstWord: number;
  /** How long an instance may be over its rates without a pause. */
  readonly overload: number;
  /** Time for an orderly stop. */
  readonly stop: number;
}

export const WATCHDOG: Watchdog = { ping: 2000, silence: 10_000, firstWord: 30_000, overload: 60_000, stop: 10_000 };

export interface InstanceProcessOptions {
  readonly launch: Launch;
  readonly log: InstanceLog;
  readonly clock: Clock;
  /** Bytes of anonymous memory. */
  readonly memory: number;
  readonly samples: number;
  readonly watchdog: Watchdog;
  /** One message, parsed but not believed. Gives the samples in it, or throws what ends the process. */
  onMessage(message: unknown): number;
  onEnd(ending: Ending): void;
  onMemory?(bytes: number): void;
  onThrottle?(throttled: boolean): void;
}

const BYTES_PER_SECOND = 1 << 20;
const BYTE_BURST = 4 << 20;
const MESSAGE_RATE = 1000;
const MESSAGE_BURST = 5000;
const SAMPLE_BURST_SECONDS = 10;
/** Bytes an instance may leave unread of what it asked for. */
const MOST_UNREAD = 16 << 20;
/** Bytes handled before other sockets get their turn. */
const TURN_BYTES = 64 * 1024;
/** A throttled instance that then keeps quiet for so long is forgiven. */
const FORGIVE_MS = 10_000;
const LAST_WORDS_MS = 500;

/** One process of an instance: spoken to over fd 3, held to its rates by not reading, watched, and ended with a reason. */
export class InstanceProcess {
  readonly startedAt: number;
  memory: number | undefined;
  private readonly child: ChildProcess;
  private readonly socket: Duplex;
  private readonly output: OutputCapture;
  private readonly splitter = new LineSplitter();
  private readonly bytes = new TokenBucket(BYTES_PER_SECOND, BYTE_BURST);
  private readonly messages = new TokenBucket(MESSAGE_RATE, MESSAGE_BURST);
  private readonly samples: TokenBucket;
  private readonly timers = new Set<Disposable>();
  private probe: MemoryProbe | undefined;
  private why: SmxError | undefined;
  private heardAt: number;
  private heardOnce = false;
  private pausedSince: number | undefined;
  private overSince: number | undefined;
  private overLast = 0;
  private pings = 0;
  private tickAt: number;
  private watchingMemory = false;
  /** The process is gone; what it left is still read. */
  private over = false;
  private ended = false;

  constructor(private readonly o: InstanceProcessOptions) {
    const { launch, clock } = o;
    this.startedAt = this.heardAt = this.tickAt = clock.monotonic();
    this.samples = new TokenBucket(o.samples, o.samples * SAMPLE_BURST_SECONDS);
    this.output = new OutputCapture(o.log);
    this.child = spawn(launch.command, [...launch.args], {
      cwd: launch.cwd,
      env: launch.env,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      ...(launch.uid === undefined ? {} : { uid: launch.uid }),
      ...(launch.gid === undefined ? {} : { gid: launch.gid }),
    });
    this.child.on('error', (error) => this.spawnFailed(error));
    this.child.on('exit', (code, signal) => {
      // its last words may still be in the socket, also of one that was held back
      this.over = true;
      this.socket.resume();
      // a busy host comes to its timers first: what lies in the socket is read before it is over
      this.arm(LAST_WORDS_MS, () => setImmediate(() => this.finish(code, signal)));
    });
    this.child.on('close', (code, signal) => this.finish(code, signal));
    if (this.child.stdout !== null) this.output.attach(this.child.stdout, 'info');
    if (this.child.stderr !== null) this.output.attach(this.child.stderr, 'warn');
    this.socket = this.child.stdio[3] as Duplex;
    this.socket.on('error', (error) => o.log.debug('the socket of the instance broke', { error: error.message }));
    this.socket.on('data', (chunk: Buffer) => this.receive(chunk));
    this.arm(Math.min(1000, o.watchdog.ping), () => this.tick());
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: ToChild): void {
    if (this.over || this.ended || this.why !== undefined || !this.socket.writable) return;
    this.socket.write(`${JSON.stringify(message)}\n`);
    if (this.socket.writableLength > MOST_UNREAD)
      this.kill(
        new SmxError('SMX_EXTENSION_LIMIT', `asked for more than it takes: ${mib(MOST_UNREAD)} MiB of answers wait`),
      );
  }

  /** Bytes that wait because the process does not read. */
  get backlog(): number {
    return this.socket.writableLength;
  }

  /** Asks it to stop; what has not ended after `ms` is killed. */
  stop(ms = this.o.watchdog.stop): void {
    this.send(['stop']);
    this.resume();
    this.arm(ms, () =>
      this.kill(new SmxError('SMX_EXTENSION_TIMEOUT', `did not stop within ${ms / 1000} s and was killed`)),
    );
  }

  /** Ends it at once; the first reason holds. */
  kill(why: SmxError): void {
    if (this.over) return;
    this.why ??= why;
    this.child.kill('SIGKILL');
  }

  private receive(chunk: Buffer): void {
    const now = this.o.clock.monotonic();
    this.heardAt = now;
    if (!this.heardOnce) this.capMemory();
    this.heardOnce = true;
    let wait = this.bytes.take(chunk.length, now);
    try {
      this.splitter.push(chunk, (text) => {
        if (this.why !== undefined) return;
        const samples = this.o.onMessage(parse(text));
        wait = Math.max(wait, this.messages.take(1, now));
        if (samples > 0) wait = Math.max(wait, this.samples.take(samples, now));
      });
    } catch (error) {
      this.kill(
        error instanceof SmxError
          ? error
          : new SmxError('SMX_EXTENSION_LIMIT', 'sent a message of more than 1 MiB', { cause: error }),
      );
      return;
    }
    if (this.over) return;
    if (wait > 0) this.pause(now, wait);
    else if (chunk.length >= TURN_BYTES) {
      this.socket.pause();
      setImmediate(() => this.resume());
    }
  }

  private pause(now: number, wait: number): void {
    this.socket.pause();
    this.pausedSince = now;
    if (this.overSince === undefined) {
      this.overSince = now;
      this.o.onThrottle?.(true);
    }
    this.overLast = now + wait;
    this.arm(wait, () => this.resume());
    if (now - this.overSince >= this.o.watchdog.overload)
      this.kill(
        new SmxError(
          'SMX_EXTENSION_LIMIT',
          `was over its rate of messages or samples (${this.o.samples}/s) for ${Math.round((now - this.overSince) / 1000)} s`,
        ),
      );
  }

  private resume(): void {
    this.pausedSince = undefined;
    this.heardAt = this.o.clock.monotonic();
    this.socket.resume();
  }

  /** Once a second: alive, within memory, forgiven? */
  private tick(): void {
    const now = this.o.clock.monotonic();
    const { watchdog } = this.o;
    const period = Math.min(1000, watchdog.ping);
    // where this process itself was held up, nobody else is to blame
    if (now - this.tickAt > 3 * period + 1000) this.heardAt = now;
    this.tickAt = now;
    if (this.overSince !== undefined && now - this.overLast > FORGIVE_MS) {
      this.overSince = undefined;
      this.o.onThrottle?.(false);
    }
    if (this.pausedSince === undefined) {
      const silence = this.heardOnce ? watchdog.silence : watchdog.firstWord;
      if (now - this.heardAt > silence)
        this.kill(new SmxError('SMX_EXTENSION_TIMEOUT', `not responding for ${silence / 1000} s`));
      // what lies in the socket is read first: a write to one that the other side left ends it, unread words and all
      else if (now - this.heardAt > watchdog.ping / 2) setImmediate(() => this.send(['ping', ++this.pings]));
    }
    this.checkMemory();
    this.arm(period, () => this.tick());
  }

  /** A process that speaks has loaded what it needs to. */
  private capMemory(): void {
    const probe = this.memoryProbe();
    const [mapped, used] = [probe?.mapped(), probe?.read()];
    if (probe === undefined || mapped === undefined || used === undefined) return;
    capMemory(probe.pid, { mapped, used, limit: this.o.memory, log: this.o.log });
  }

  private memoryProbe(): MemoryProbe | undefined {
    const { pid } = this.child;
    if (pid === undefined) return undefined;
    return (this.probe ??= new MemoryProbe(this.o.launch.wrapped ? innermost(pid) : pid));
  }

  private checkMemory(): void {
    const memory = this.memoryProbe()?.read();
    if (memory === undefined) return;
    this.memory = memory;
    this.o.onMemory?.(memory);
    const { memory: limit } = this.o;
    if (memory > limit)
      this.kill(
        new SmxError('SMX_EXTENSION_LIMIT', `used ${mib(memory)} MiB of memory, its limit is ${mib(limit)} MiB`),
      );
    // a leak near the limit is looked at more often
    else if (memory > limit * 0.6 && !this.watchingMemory) {
      this.watchingMemory = true;
      this.arm(250, () => {
        this.watchingMemory = false;
        this.checkMemory();
      });
    }
  }

  private arm(ms: number, fn: () => void): void {
    if (this.ended) return;
    const timer = this.o.clock.after(ms, () => {
      this.timers.delete(timer);
      fn();
    });
    this.timers.add(timer);
  }

  private spawnFailed(error: Error): void {
    this.why ??= new SmxError('SMX_EXTENSION_START', `its process could not be started: ${error.message}`, {
      cause: error,
    });
    this.finish(null, null);
  }

  private finish(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.ended) return;
    this.ended = true;
    for (const timer of this.timers) timer.dispose();
    this.timers.clear();
    this.probe?.close();
    this.socket.destroy();
    this.o.onEnd({ code, signal, why: this.why, lastLines: this.output.last });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SmxError('SMX_EXTENSION_DIED', 'sent something that is not a message of the host', { cause });
  }
}

const mib = (bytes: number): number => Math.round(bytes / (1 << 20));
