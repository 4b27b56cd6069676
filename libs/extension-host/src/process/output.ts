import type { Readable } from 'node:stream';
import type { Clock, Log } from '@smx-edge/model';
import { maskValue } from '../packages/secrets.js';
import { TokenBucket } from './token-bucket.js';

const LONGEST_LINE = 2000;
const LINES_PER_SECOND = 10;
const LINE_BURST = 50;
const LAST_LINES = 20;

/** The log of one instance as the box keeps it: secrets masked, lines cut, floods counted instead of written. */
export class InstanceLog implements Log {
  private readonly bucket = new TokenBucket(LINES_PER_SECOND, LINE_BURST);
  private dropped = 0;
  private readonly o: { log: Log; clock: Clock; instance: string; mask: (text: string) => string };

  constructor(o: { log: Log; clock: Clock; instance: string; mask: (text: string) => string }) {
    this.o = o;
  }

  debug(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.write('debug', message, fields);
  }

  info(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.write('info', message, fields);
  }

  warn(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.write('warn', message, fields);
  }

  error(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.write('error', message, fields);
  }

  mask(text: string): string {
    return this.o.mask(text);
  }

  maskValue(value: unknown): unknown {
    return maskValue(value, this.o.mask);
  }

  private write(level: keyof Log, message: string, fields?: Readonly<Record<string, unknown>>): void {
    const { log, clock, instance } = this.o;
    if (this.bucket.take(1, clock.monotonic()) > 0) {
      // a refused line costs nothing, or a flood would never end
      this.bucket.take(-1, clock.monotonic());
      this.dropped++;
      return;
    }
    if (this.dropped > 0) {
      log.warn('log lines of an instance were dropped: more than the box takes', { instance, lines: this.dropped });
      this.dropped = 0;
    }
    log[level](cut(this.mask(message)), { ...this.masked(fields), instance });
  }

  private masked(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const masked = maskValue(fields, this.o.mask) as Record<string, unknown>;
    const text = JSON.stringify(masked);
    return text.length > LONGEST_LINE ? { fields: cut(text) } : masked;
  }
}

const cut = (text: string): string => (text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text);

/** What a process prints, by line, into its log; the last lines are kept to tell why it ended. */
export class OutputCapture {
  readonly last: string[] = [];

  constructor(private readonly log: InstanceLog) {}

  attach(stream: Readable, level: 'info' | 'warn'): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('error', () => stream.destroy());
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
      for (const line of lines) this.line(line, level);
    });
    stream.on('end', () => {
      if (rest !== '') this.line(rest, level);
    });
  }

  private line(line: string, level: 'info' | 'warn'): void {
    if (line.trim() === '') return;
    this.last.push(cut(line));
    if (this.last.length > LAST_LINES) this.last.shift();
    this.log[level](line);
  }
}
