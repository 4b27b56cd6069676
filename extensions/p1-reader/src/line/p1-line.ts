import type { Line } from '@smx-edge/extension-api';
import type { Zone } from '@smx-edge/model';
import { P1Decoder, parseAad, parseKey, type P1Counts, type P1Notice, type P1Telegram } from '@smx-edge/protocols/p1';
import { zoneTime } from '../meter/telegram-clock.js';
import { BaudSearch } from './baud-search.js';
import { LineHealth, type FrameKind, type Health } from './health.js';

/** Silence that ends a telegram for which no end mark came, ms. A telegram is sent in less than 8 s without a pause. */
const PAUSE = 2000;

const UNAUTHENTICATED =
  'the authentication tag does not match, only the CRC inside proves the telegrams: set `aad` to the authentication key of the grid operator';
const RESTORED = 'a gateway changes the line ends; the CRC is right once they are put back';

export interface P1LineOptions {
  readonly line: Line;
  readonly zone: Zone;
  readonly key?: string | undefined;
  readonly aad?: string | undefined;
  /** Longest telegram, bytes; undefined = as the decoder has it. */
  readonly longest?: number | undefined;
  /** Use telegrams that lost the CRC their version has. */
  readonly acceptAbsent: boolean;
  /** Look for the speed: a serial source that does not name one. */
  readonly searchSpeed: boolean;
  now(): number;
  /** A telegram fit for use; valid during the call only. */
  onTelegram(telegram: P1Telegram): void;
  onNotice?(notice: P1Notice): void;
  /** The line refused a setting; it stays as it was. */
  onFault?(error: unknown): void;
}

/** Bytes of a line to telegrams that may be used, and a verdict on the line itself. */
export class P1Line {
  private readonly decoder: P1Decoder;
  private readonly health: LineHealth;
  private readonly search: BaudSearch | undefined;
  private lastByte = NaN;

  constructor(private readonly o: P1LineOptions) {
    const { key, aad, zone, longest } = o;
    this.health = new LineHealth(o.now());
    this.search = o.searchSpeed ? new BaudSearch() : undefined;
    this.decoder = new P1Decoder({
      onTelegram: (telegram) => this.telegram(telegram),
      onNotice: (notice) => this.notice(notice),
      localToUtc: (local) => zoneTime(zone, local, o.now()),
      ...(longest !== undefined && { maxFrame: longest }),
      ...(key !== undefined && { key: parseKey(key) }),
      ...(aad !== undefined && { aad: parseAad(aad) }),
    });
  }

  get counts(): Readonly<P1Counts> {
    return this.decoder.counts;
  }

  /** Reads until the line is closed. */
  async run(): Promise<void> {
    const { line, now } = this.o;
    const gap = line.onGap(() => this.decoder.flush());
    if (this.search !== undefined) await this.configure();
    try {
      for await (const chunk of line) {
        this.lastByte = now();
        this.health.bytes(this.lastByte);
        this.search?.bytes(chunk, this.lastByte);
        this.decoder.push(chunk);
      }
      this.decoder.flush();
    } finally {
      gap.dispose();
    }
  }

  /** To be called each second: ends telegrams by silence, tries another speed, and says how the line is. */
  tick(): Health {
    const now = this.o.now();
    if (now - this.lastByte >= PAUSE) {
      this.lastByte = NaN;
      this.decoder.flush();
    }
    if (this.search?.next(now) !== undefined) void this.configure();
    const { status, since, text = 'not connected' } = this.o.line.state;
    return this.health.assess(now, status === 'connecting' ? { text, since } : undefined);
  }

  private telegram(telegram: P1Telegram): void {
    const { verdict, crcExpected, protection } = telegram;
    const lost = verdict === 'absent' && crcExpected && protection !== 'verified';
    // a line of noise that happens to begin with / is no telegram
    const noise = verdict === 'absent' && telegram.count === 0 && telegram.registers.length === 0;
    if (verdict === 'bad' || noise) this.frame('crc');
    else if (lost && !this.o.acceptAbsent) this.frame('no-crc');
    else {
      this.frame('good');
      if (protection === 'unauthenticated') this.health.remark(UNAUTHENTICATED, this.o.now());
      else if (verdict === 'restored') this.health.remark(RESTORED, this.o.now());
      this.o.onTelegram(telegram);
    }
  }

  private notice(notice: P1Notice): void {
    if (notice.kind === 'no-key') this.frame('encrypted');
    else if (notice.kind === 'wrong-key') this.frame('wrong-key');
    else if (notice.kind === 'damaged') this.frame('crc');
    this.o.onNotice?.(notice);
  }

  private frame(kind: FrameKind): void {
    this.health.frame(kind, this.o.now());
    if (kind === 'good' || kind === 'encrypted' || kind === 'wrong-key') this.search?.good();
    this.o.line.frame(kind === 'good' ? 'ok' : 'bad');
  }

  private async configure(): Promise<void> {
    const { setting } = this.search!;
    try {
      await this.o.line.configure(setting);
    } catch (error) {
      this.o.onFault?.(error);
    }
  }
}
