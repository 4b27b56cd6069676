import type { InstanceState, Line } from '@smx-edge/extension-api';
import type { PasswordTries } from '@smx-edge/extension-api/metering';
import { isSmxError, SmxError } from '@smx-edge/model';
import { DlmsClient } from '@smx-edge/protocols/dlms';
import type { MeterSettings, Settings } from '../settings.js';
import { clientOptions } from './client-options.js';
import { CounterMemory } from './counter-memory.js';
import { StoredCounter } from './counter.js';
import { MeterSession, type MeterSessionOptions } from './meter-session.js';
import { OpticalSignOn } from './optical.js';

/** Silence after which a meter is asked again, ms; a meter that is at work on a long answer may be silent for that long. */
const SILENCE = 2500;

/** Silences after which a meter is given up that shares its line: one that is away may not hold the others up. */
const SHARED = 1;
/** How far the counter of a meter is is written down at most so often, ms. */
const SAVED = 3_600_000;

export interface MeterLineOptions {
  readonly line: Line;
  readonly settings: Settings;
  readonly state: InstanceState;
  /** ms; default 2500. */
  readonly silence?: number;
}

interface OpenOptions {
  readonly pushed?: MeterSessionOptions['pushed'];
  /** Counts what proves the reader; absent where nobody looks after it, as for a test of the config. */
  readonly tries?: PasswordTries;
}

/** One line with its meters: whoever asks gets the bytes that follow. */
export class MeterLine {
  private taker: { receive(chunk: Uint8Array): void } | undefined;
  /** The newest of each meter. */
  private readonly sessions = new Map<string, MeterSession>();
  private readonly counters = new Map<string, StoredCounter>();
  private readonly memories = new Map<string, CounterMemory>();

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

  /** An association with one meter. Rejects with the codes of a session, and of a line that is not open; and as `tries` does. */
  async open(meter: MeterSettings, { pushed = () => undefined, tries }: OpenOptions = {}): Promise<MeterSession> {
    const { line, settings } = this.o;
    if (line.state.status === 'connecting')
      throw new SmxError('SMX_METER_SILENT', line.state.text ?? 'The line to the meter is not open');
    if (settings.transport === 'mode-e') await this.signOn();
    const counter = await this.counter(meter);
    const memory = this.memoryOf(meter);
    await this.remember(meter.device);
    const heard = await memory?.load();
    const client = new DlmsClient({
      ...clientOptions(meter, counter, heard),
      ...(settings.meters.length > 1 && { silences: SHARED }),
    });
    const session: MeterSession = new MeterSession({
      client,
      silence: this.o.silence ?? SILENCE,
      listens: () => {
        this.taker = session;
      },
      ready: async () => {
        if (meter.security !== undefined) await counter.ready();
        await this.remember(meter.device);
      },
      pushed,
      write: (bytes) => line.write(bytes),
    });
    this.sessions.set(meter.device, session);
    await (meter.secret === undefined || tries === undefined
      ? session.associate()
      : proved(tries, { session, client }));
    return session;
  }

  /** Writes down how far the counters of the meters are. */
  async save(): Promise<void> {
    for (const [device, memory] of this.memories) {
      await this.remember(device);
      await memory.save();
    }
  }

  private async remember(device: string): Promise<void> {
    const heard = this.sessions.get(device)?.heard;
    if (heard !== undefined) await this.memories.get(device)?.heard(heard, Date.now());
  }

  /** Where a meter proves itself by a challenge nothing recorded passes; of others the counter is remembered. */
  private memoryOf({ device, profile, security, title }: MeterSettings): CounterMemory | undefined {
    if (security === undefined || (profile.auth !== 'none' && profile.auth !== 'low')) return undefined;
    const { state } = this.o;
    const found = this.memories.get(device) ?? new CounterMemory({ state, key: `meter-counter:${device}`, meter: { security, title }, every: SAVED }); // prettier-ignore
    this.memories.set(device, found);
    return found;
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

  private async counter({ device, security }: MeterSettings): Promise<StoredCounter> {
    const found =
      this.counters.get(device) ??
      (await StoredCounter.load(this.o.state, { key: `counter:${device}`, least: security?.counter ?? 1 }));
    this.counters.set(device, found);
    return found;
  }

  private cut(): void {
    for (const session of this.sessions.values()) session.lost();
  }
}

/** An association for which credentials are given, counted until the meter has said that it takes them. */
async function proved(
  tries: PasswordTries,
  { session, client }: { readonly session: MeterSession; readonly client: DlmsClient },
): Promise<void> {
  await tries.check();
  try {
    await session.associate();
  } catch (error) {
    // a silent link shows it no credentials, and a busy meter judges none
    const isBusy = isSmxError(error) && error.code === 'SMX_METER_BUSY';
    if (client.isProposed && !isBusy) await tries.unanswered();
    throw error;
  }
  await tries.proved();
}
