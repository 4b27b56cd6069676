import type { Alarms, Line, SmxContext } from '@smx-edge/extension-api';
import { MeterHealth, type MeterState } from '@smx-edge/extension-api/metering';
import { SmxError, type Clock } from '@smx-edge/model';
import { BlockFramer, type Message } from '@smx-edge/protocols/iec62056-21';
import { setPushSpeed } from '../line/push-speed.js';
import type { IecConfig, LineSettings, MeterSettings } from '../settings.js';
import { MeterValues } from './meter-values.js';

/** How long a pause ends what was cut, ms. */
const PAUSE = 1500;
/** Telegrams are awaited for three of their intervals, and at least so long, ms. */
const PATIENCE = 3;
const LEAST = 10_000;
/** Damaged telegrams in a row after which the line is at fault. */
const MOST_DAMAGED = 3;

export interface PushReaderOptions {
  readonly smx: SmxContext<IecConfig>;
  readonly meter: MeterSettings;
  readonly settings: LineSettings;
  readonly alarms: Alarms;
  /** For intervals. */
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Reads a meter that sends unasked (mode D, and D0 meters that send without an end). */
export class PushReader {
  readonly device;
  private readonly health: MeterHealth;
  private readonly values: MeterValues;
  private readonly framer = new BlockFramer((message) => void this.take(message));
  private readonly silence: number;
  private line: Line | undefined;
  private began = 0;
  private lastByte = 0;
  private lastGood: number;
  /** When a telegram came, sound or not, ms UTC. */
  private lastHeard: number;
  private damaged = 0;
  private said = '';

  constructor(private readonly o: PushReaderOptions) {
    const { smx, meter, alarms, clock } = o;
    this.device = smx.device(meter.device, { kind: 'meter', interval: meter.readout });
    this.health = new MeterHealth({ smx, alarms, device: this.device });
    this.values = new MeterValues({ smx, meter, alarms, clock, addresses: [], device: this.device });
    this.silence = Math.max(LEAST, PATIENCE * meter.readout);
    this.lastGood = this.lastHeard = smx.now();
  }

  get state(): MeterState {
    return this.health.state;
  }

  get readout(): string | undefined {
    return this.values.readout;
  }

  /** Nothing of a push is asked for. */
  readonly reached = [];

  /** Listens until the line is closed. */
  async run(): Promise<void> {
    const { smx, settings } = this.o;
    const line = (this.line = smx.open(settings.source, { idle: 0 }));
    smx.every('1s', () => this.look());
    smx.status('busy', 'waiting for the first telegram');
    const gap = line.onGap(() => this.reset());
    try {
      await setPushSpeed(line, settings).catch((error: unknown) => this.health.failed(error));
      for await (const chunk of line) this.receive(chunk);
    } finally {
      gap.dispose();
    }
  }

  private receive(chunk: Uint8Array): void {
    const now = this.o.clock.monotonic();
    if (now - this.lastByte > PAUSE) this.reset();
    if (this.began === 0) this.began = now;
    this.lastByte = now;
    this.framer.push(chunk);
  }

  private reset(): void {
    this.framer.reset();
    this.began = 0;
  }

  private async take(message: Message): Promise<void> {
    if (message.kind === 'identification') this.values.identify(message.identification);
    if (message.kind === 'damaged') await this.spoilt();
    if (message.kind !== 'telegram' && message.kind !== 'block') return;
    const proof = message.kind === 'block' ? 'check' : message.proof;
    // of one that came at once with the end of another nothing is known but that
    const began = this.began || this.lastByte;
    this.began = 0;
    this.lastHeard = this.o.smx.now();
    try {
      await this.values.readOut({ text: message.data, proof, began, ended: this.o.clock.monotonic() });
      this.lastGood = this.o.smx.now();
      this.damaged = 0;
      this.line?.frame('ok');
      this.health.good();
    } catch (error) {
      await this.health.failed(error);
    }
    this.tell();
  }

  private async spoilt(): Promise<void> {
    this.line?.frame('bad');
    this.lastHeard = this.o.smx.now();
    this.began = 0;
    if (++this.damaged < MOST_DAMAGED) return;
    await this.health.failed(
      new SmxError('SMX_PROTOCOL_BLOCK', 'Telegrams arrive damaged: check head, cable and speed'),
    );
    this.tell();
  }

  private look(): void {
    const now = this.o.smx.now();
    // damaged ones are not silence, until they stop too
    if (now - this.lastHeard >= this.silence) this.damaged = 0;
    if (now - this.lastGood >= this.silence && this.damaged < MOST_DAMAGED) {
      const why = this.line?.state.status === 'connecting' ? this.line.state.text : undefined;
      this.health.turn({ code: 'silent', text: why ?? 'No telegram comes: check head, cable and speed' });
    }
    this.tell();
  }

  private tell(): void {
    const { code, text } = this.state;
    if (this.said === code + text) return;
    this.said = code + text;
    this.o.smx.status(code === 'reading' ? 'ok' : code === 'waiting' ? 'busy' : 'error', text);
  }
}
