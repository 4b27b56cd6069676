import type { InstanceState, Line } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { DlmsClient } from '@smx-edge/protocols/dlms';
import type { MeterSettings, Settings } from '../settings.js';
import { clientOptions } from './client-options.js';
import { StoredCounter } from './counter.js';
import { MeterSession, type MeterSessionOptions } from './meter-session.js';
import { OpticalSignOn } from './optical.js';

/** Silence after which a meter is asked again, ms; a meter that is at work on a long answer may be silent for that long. */
const SILENCE = 2500;

export interface MeterLineOptions {
  readonly line: Line;
  readonly settings: Settings;
  readonly state: InstanceState;
  /** ms; default 2500. */
  readonly silence?: number;
}

/** One line with its meters: whoever asks gets the bytes that follow. */
export class MeterLine {
  private taker: { receive(chunk: Uint8Array): void } | undefined;
  private readonly sessions = new Set<MeterSession>();
  private readonly counters = new Map<string, Promise<StoredCounter>>();

  constructor(private readonly o: MeterLineOptions) {}

  /** Feeds what the line gives to whoever asked; ends with the line. */
  async run(): Promise<void> {
    const { line } = this.o;
    const gap = line.onGap(() => this.cut());
    try {
      for await (const chunk of line) this.taker?.receive(chunk);
    } finally {
      gap.dispose();
      this.cut();
    }
  }

  /** An association with one meter. Rejects with the codes of a session, and of a line that is not open. */
  async open(meter: MeterSettings, pushed: MeterSessionOptions['pushed'] = () => undefined): Promise<MeterSession> {
    const { line, settings } = this.o;
    if (line.state.status === 'connecting')
      throw new SmxError('SMX_METER_SILENT', line.state.text ?? 'The line to the meter is not open');
    if (settings.transport === 'mode-e') await this.signOn();
    const counter = await this.counter(meter);
    const session: MeterSession = new MeterSession({
      client: new DlmsClient(clientOptions(meter, counter)),
      silence: this.o.silence ?? SILENCE,
      ready: () => {
        this.taker = session;
        return meter.security === undefined ? Promise.resolve() : counter.ready();
      },
      pushed,
      write: (bytes) => line.write(bytes),
    });
    this.sessions.add(session);
    await session.associate();
    return session;
  }

  private async signOn(): Promise<void> {
    const { line, settings } = this.o;
    const optical = new OpticalSignOn({
      line,
      canSwitch: settings.source?.startsWith('serial:') === true,
      ...settings.signOn,
    });
    this.taker = optical;
    await optical.run();
  }

  private counter(meter: MeterSettings): Promise<StoredCounter> {
    const found = this.counters.get(meter.device) ?? StoredCounter.load(this.o.state, `counter:${meter.device}`);
    this.counters.set(meter.device, found);
    return found;
  }

  private cut(): void {
    for (const session of this.sessions) session.lost();
    this.sessions.clear();
  }
}
